import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ANSWERED_LOCALLY, type ProxyPlace, type ProxyProgram } from '../common/proxy.ts';

/** Varnish: only requests that may be answered locally are looked up in the cache. */
export function varnish(place: ProxyPlace): ProxyProgram {
  const file = join(place.directory, 'service.vcl');
  writeFileSync(file, configuration(place));
  // prettier-ignore
  return {
    command: '/usr/sbin/varnishd',
    args: [
      '-F',
      '-n',
      join(place.directory, 'varnish'),
      '-a',
      `127.0.0.1:${place.port}`,
      '-f',
      file,
      '-s',
      'malloc,16m',
      '-p',
      'thread_pools=1',
      '-p',
      'thread_pool_min=64',
      '-j',
      'none',
    ],
  };
}

function configuration({ upstreamPort }: ProxyPlace): string {
  return `vcl 4.1;
backend service { .host = "127.0.0.1"; .port = "${upstreamPort}"; }
sub vcl_recv {
  if (req.http.${ANSWERED_LOCALLY}) { return (hash); }
  return (pass);
}
sub vcl_hash { hash_data("all"); return (lookup); }
sub vcl_backend_response { set beresp.ttl = 1h; }
`;
}
