import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ManagedProcess } from '../../../examples/shop/run/managed-process.ts';
import { ANSWERED_LOCALLY, type ProxyPlace, startProxy } from './proxy.ts';

export interface HaproxyOptions {
  readonly keepAlive?: boolean;
  /** A server that is asked for every second request first and never answers well. */
  readonly failingPort?: number;
}

/** HAProxy with two threads. */
export function startHaproxy(place: ProxyPlace, options: HaproxyOptions = {}): Promise<ManagedProcess> {
  const file = join(place.directory, 'haproxy.cfg');
  writeFileSync(file, configuration(place, options));
  return startProxy(place, 'haproxy', '/usr/sbin/haproxy', ['-db', '-f', file]);
}

function configuration(
  { port, upstreamPort }: ProxyPlace,
  { keepAlive = true, failingPort }: HaproxyOptions,
): string {
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
  ${failingPort === undefined ? '' : `server failing 127.0.0.1:${failingPort}`}
`;
}
