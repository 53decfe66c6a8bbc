import { ON_A_LOOP, proxyCase, versionOf } from '../common/proxy.ts';
import { lighttpd } from './program.ts';

const LIGHTTPD = '/usr/sbin/lighttpd';

export const lighttpdCase = proxyCase({
  name: 'lighttpd',
  shows: 'lighttpd with `mod_proxy`, a connection for each call.',
  variants: ON_A_LOOP,
  needs: [{ program: LIGHTTPD, from: 'Debian package lighttpd' }],
  versions: () => versionOf(LIGHTTPD, ['-v'], /lighttpd\/[\d.]+/),
  program: lighttpd,
});
