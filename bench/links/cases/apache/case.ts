import type { LinkCase } from '../../case.ts';
import { proxyCase, versionOf } from '../common/proxy.ts';
import { type ApacheOptions, apache } from './program.ts';

const APACHE = '/usr/sbin/apache2';
const WORKERS = { event: 'a thread a request', prefork: 'a process a request' };

function apacheCase(options: ApacheOptions): LinkCase {
  const { mpm, keepAlive } = options;
  return proxyCase({
    name: `apache-${mpm}${keepAlive ? '' : '-new-connections'}`,
    shows: `Apache httpd, MPM ${mpm} (${WORKERS[mpm]}), ${keepAlive ? 'connections to the backend kept alive.' : 'a connection to the backend for each call.'}`,
    needs: [{ program: APACHE, from: 'Debian package apache2-bin' }],
    versions: () => versionOf(APACHE, ['-v'], /Apache\/[\d.]+/),
    program: (place) => apache(place, options),
  });
}

export const apacheCases: readonly LinkCase[] = (['event', 'prefork'] as const).flatMap((mpm) =>
  [true, false].map((keepAlive) => apacheCase({ mpm, keepAlive })),
);
