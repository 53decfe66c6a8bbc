import type { LinkCase, Place, Running } from '../../case.ts';
import { http } from '../../load/http.ts';
import { withChildren } from '../../observe.ts';
import { build, builtIn, versionOf } from '../common/build.ts';

async function start(place: Place, mode: 'submit' | 'answer'): Promise<Running> {
  const [port] = (await place.ports(1)) as [number];
  const upstream = await place.upstream();
  const server = await place.start(
    {
      name: `rust-${mode}`,
      command: `${builtIn(place.cache, 'rust')}/server`,
      args: [],
      env: { MODE: mode, PORT: String(port), UPSTREAM: String(upstream.port) },
    },
    port,
  );
  return { instrument: withChildren(server.pid), load: http(port) };
}

const rust = {
  needs: [{ program: 'rustc', from: 'Debian package rustc' }],
  versions: () => versionOf('rustc', '--version'),
  prepare: (cache: string) =>
    build(cache, {
      name: 'rust',
      command: 'rustc',
      args: ['--edition', '2021', '-O', '-D', 'warnings', '-o', 'OUT/server', 'server.rs'],
    }),
};

export const rustCases = [
  {
    ...rust,
    name: 'rust-submit',
    shows:
      'Rust, a thread a connection, which hands the call to four threads over a channel and waits for it.',
    variants: [{ targets: 'differ' }, { targets: 'equal' }],
    start: (place) => start(place, 'submit'),
  },
  {
    ...rust,
    name: 'rust-answer',
    shows: 'The same; the thread that made the call writes the response.',
    variants: [{ targets: 'differ' }, { targets: 'equal' }],
    start: (place) => start(place, 'answer'),
  },
] satisfies LinkCase[];
