import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProxyPlace, ProxyProgram } from '../common/proxy.ts';

/** lighttpd with `mod_proxy`, which opens a connection for every call. */
export function lighttpd(place: ProxyPlace): ProxyProgram {
  const file = join(place.directory, 'lighttpd.conf');
  writeFileSync(file, configuration(place));
  return { command: '/usr/sbin/lighttpd', args: ['-D', '-f', file] };
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
