import { ON_A_LOOP, proxyCase, versionOf } from '../common/proxy.ts';
import { squid } from './program.ts';

const SQUID = '/usr/sbin/squid';

export const squidCase = proxyCase({
  name: 'squid',
  shows: 'Squid as a reverse proxy that caches nothing, connections to the origin kept alive.',
  variants: ON_A_LOOP,
  needs: [{ program: SQUID, from: 'Debian package squid' }],
  versions: () => versionOf(SQUID, ['-v'], /Version [\d.]+/).replace('Version', 'Squid'),
  program: squid,
});
