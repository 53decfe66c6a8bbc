import type { LinkCase } from '../../case.ts';
import { ON_A_LOOP, type ProxyCase, proxyCase, versionOf } from '../common/proxy.ts';
import { type HaproxyOptions, haproxy } from './program.ts';

const HAPROXY = '/usr/sbin/haproxy';

function haproxyCase(
  name: string,
  shows: string,
  options: HaproxyOptions,
  more: Partial<ProxyCase> = {},
): LinkCase {
  return proxyCase({
    name,
    shows: `HAProxy, two threads, ${shows}`,
    variants: ON_A_LOOP,
    needs: [{ program: HAPROXY, from: 'Debian package haproxy' }],
    versions: () => versionOf(HAPROXY, ['-v'], /HAProxy version [\d.]+/),
    program: (place) => haproxy(place, options),
    ...more,
  });
}

export const haproxyCases: readonly LinkCase[] = [
  haproxyCase('haproxy', 'connections to the server shared (`http-reuse always`).', {}),
  haproxyCase('haproxy-new-connections', 'a connection to the server for each call.', { keepAlive: false }),
  haproxyCase(
    'haproxy-local',
    'half of the requests answered by itself (`http-request return`).',
    {},
    { callsPerRequest: 0.5, halfLocal: true },
  ),
  haproxyCase(
    'haproxy-retry',
    'every second request goes first to a server that cuts the connection or answers 502.',
    { retry: true },
    { callsPerRequest: 1.5 },
  ),
];
