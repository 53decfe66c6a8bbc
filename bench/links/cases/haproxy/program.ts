import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ANSWERED_LOCALLY, type ProxyPlace, type ProxyProgram } from '../common/proxy.ts';

export interface HaproxyOptions {
  readonly keepAlive?: boolean;
  /** Every second request goes first to a server that never answers well. */
  readonly retry?: boolean;
}

/** HAProxy with two threads. */
export function haproxy(place: ProxyPlace, options: HaproxyOptions = {}): ProxyProgram {
  const file = join(place.directory, 'haproxy.cfg');
  writeFileSync(file, configuration(place, options));
  return { command: '/usr/sbin/haproxy', args: ['-db', '-f', file] };
}

function configuration(place: ProxyPlace, options: HaproxyOptions): string {
  const { port, upstreamPort, failingPort } = place;
  const { keepAlive = true, retry } = options;
  return `global
  nbthread 2
  maxconn 1000
defaults
  mode http
  timeout client 30s
  timeout server 30s
  timeout connect 5s
  ${keepAlive ? 'http-reuse always' : 'option http-server-close\n  http-reuse never'}
  retries 3
  retry-on all-retryable-errors
  option redispatch 1
frontend front
  bind 127.0.0.1:${port}
  http-request return status 200 content-type text/plain string ok if { req.hdr(${ANSWERED_LOCALLY}) -m found }
  default_backend service
backend service
  balance roundrobin
  server good 127.0.0.1:${upstreamPort}
  ${retry ? `server failing 127.0.0.1:${failingPort}` : ''}
`;
}
