import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProxyPlace, ProxyProgram } from '../common/proxy.ts';

const MODULES = '/usr/lib/apache2/modules';

export interface ApacheOptions {
  readonly mpm: 'event' | 'prefork';
  readonly keepAlive: boolean;
}

/** Apache httpd with `mod_proxy_http`, and threads or processes for 64 requests at a time. */
export function apache(place: ProxyPlace, options: ApacheOptions): ProxyProgram {
  const file = join(place.directory, 'apache.conf');
  writeFileSync(file, configuration(place, options));
  // Apache ends its whole process group when it ends: it must have one of its own.
  return { command: 'setsid', args: ['/usr/sbin/apache2', '-DFOREGROUND', '-f', file] };
}

const WORKERS = {
  event: 'StartServers 1\nServerLimit 1\nThreadLimit 64\nThreadsPerChild 64\nMaxRequestWorkers 64',
  prefork: 'StartServers 60\nMinSpareServers 1\nMaxSpareServers 64\nServerLimit 64\nMaxRequestWorkers 64',
};

function configuration(
  { directory, port, upstreamPort }: ProxyPlace,
  { mpm, keepAlive }: ApacheOptions,
): string {
  return `ServerRoot ${directory}
ServerName localhost
PidFile ${directory}/apache.pid
DefaultRuntimeDir ${directory}
ErrorLog ${directory}/errors.log
User www-data
Group www-data
Mutex sem
LoadModule mpm_${mpm}_module ${MODULES}/mod_mpm_${mpm}.so
LoadModule authz_core_module ${MODULES}/mod_authz_core.so
LoadModule proxy_module ${MODULES}/mod_proxy.so
LoadModule proxy_http_module ${MODULES}/mod_proxy_http.so
${WORKERS[mpm]}
MaxConnectionsPerChild 0
Listen 127.0.0.1:${port}
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 30
ProxyPass / http://127.0.0.1:${upstreamPort}/ ${keepAlive ? 'disablereuse=off' : 'disablereuse=on'}
`;
}
