import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProxyPlace, ProxyProgram } from '../common/proxy.ts';

/** Squid as a reverse proxy that caches nothing. */
export function squid(place: ProxyPlace): ProxyProgram {
  const file = join(place.directory, 'squid.conf');
  const logs = join(place.directory, 'logs');
  mkdirSync(logs, { recursive: true });
  // Squid gives up root's rights before it opens its logs.
  chmodSync(logs, 0o777);
  writeFileSync(file, configuration(place, logs));
  return { command: '/usr/sbin/squid', args: ['-N', '-f', file] };
}

function configuration({ directory, port, upstreamPort }: ProxyPlace, logs: string): string {
  return `http_port 127.0.0.1:${port} accel defaultsite=localhost no-vhost
cache_peer 127.0.0.1 parent ${upstreamPort} 0 no-query originserver name=service no-digest no-netdb-exchange
visible_hostname localhost
http_access allow all
cache deny all
never_direct allow all
pid_filename ${directory}/squid.pid
cache_log ${logs}/cache.log
access_log none
coredump_dir ${directory}
mime_table /usr/share/squid/mime.conf
icon_directory /usr/share/squid/icons
error_directory /usr/share/squid/errors/templates
pinger_enable off
shutdown_lifetime 1 second
max_filedescriptors 4096
workers 1
`;
}
