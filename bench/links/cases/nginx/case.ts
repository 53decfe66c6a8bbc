import type { LinkCase } from '../../case.ts';
import { ON_A_LOOP, type ProxyCase, proxyCase, versionOf } from '../common/proxy.ts';
import { type NginxOptions, nginx } from './program.ts';

const NGINX = '/usr/sbin/nginx';

function nginxCase(
  name: string,
  shows: string,
  options: NginxOptions,
  more: Partial<ProxyCase> = {},
): LinkCase {
  return proxyCase({
    name,
    shows: `nginx, one worker, ${shows}`,
    variants: ON_A_LOOP,
    needs: [{ program: NGINX, from: 'Debian package nginx' }],
    versions: () => versionOf(NGINX, ['-v'], /nginx\/[\d.]+/),
    program: (place) => nginx(place, options),
    ...more,
  });
}

export const nginxCases: readonly LinkCase[] = [
  nginxCase('nginx', 'connections to the upstream kept alive.', {}),
  nginxCase('nginx-new-connections', 'a connection to the upstream for each call.', { keepAlive: false }),
  nginxCase(
    'nginx-auth-request',
    'asks `/auth` before each request (`auth_request`).',
    { authRequest: true },
    { callsPerRequest: 2 },
  ),
  nginxCase(
    'nginx-mirror',
    'sends a copy of each request to `/mirror`, and answers without waiting for it.',
    { mirror: true },
    { callsPerRequest: 2 },
  ),
  nginxCase(
    'nginx-auth-request-mirror',
    'both: three calls a request, in two steps.',
    { authRequest: true, mirror: true },
    { callsPerRequest: 3 },
  ),
  nginxCase(
    'nginx-retry',
    'every second request goes first to a server that cuts the connection or answers 502.',
    { retry: true },
    { callsPerRequest: 1.5 },
  ),
  nginxCase(
    'nginx-cache',
    'half of the requests answered from its cache.',
    { cache: true },
    { callsPerRequest: 0.5, halfLocal: true },
  ),
];
