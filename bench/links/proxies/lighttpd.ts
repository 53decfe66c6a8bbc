import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ManagedProcess } from '../../../examples/shop/run/managed-process.ts';
import { type ProxyPlace, startProxy } from './proxy.ts';

/** lighttpd with `mod_proxy`, which opens a connection for every call. */
export function startLighttpd(place: ProxyPlace): Promise<ManagedProcess> {
  const file = join(place.directory, 'lighttpd.conf');
  writeFileSync(file, configuration(place));
  return startProxy(place, 'lighttpd', '/usr/sbin/lighttpd', ['-D', '-f', file]);
}

function configuration({ directory, port, upstreamPort }: ProxyPlace): string {
  return `server.modules = ("mod_proxy")
server.document-root = "${directory}"
server.errorlog = "${directory}/errors.log"
server.bind = "127.0.0.1"
server.port = ${port}
server.max-keep-alive-requests = 65535
server.max-keep-alive-idle = 30
proxy.server = ("" => (("host" => "127.0.0.1", "port" => ${upstreamPort})))
`;
}
