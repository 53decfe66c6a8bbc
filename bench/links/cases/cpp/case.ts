import type { LinkCase, Load, Place, Running } from '../../case.ts';
import { http } from '../../load/http.ts';
import { pipelined } from '../../load/pipelined.ts';
import { withChildren } from '../../observe.ts';
import { build, builtIn, versionOf } from '../common/build.ts';

interface Way {
  readonly mode: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly load?: (port: number) => Load;
}

async function start(place: Place, { mode, env = {}, load = http }: Way): Promise<Running> {
  const [port] = (await place.ports(1)) as [number];
  const upstream = await place.upstream();
  const server = await place.start(
    {
      name: `cpp-${mode}`,
      command: `${builtIn(place.cache, 'cpp')}/server`,
      args: [],
      env: { MODE: mode, PORT: String(port), UPSTREAM: String(upstream.port), ...env },
    },
    port,
  );
  return { instrument: withChildren(server.pid), load: load(port) };
}

/** What all of these have in common. */
const cpp = {
  needs: [{ program: 'g++', from: 'Debian package g++' }],
  versions: () => versionOf('g++', '--version'),
  prepare: (cache: string) =>
    build(cache, {
      name: 'cpp',
      command: 'g++',
      args: [
        '-std=c++17',
        '-O2',
        '-Wall',
        '-Wextra',
        '-Werror',
        '-pthread',
        'server.cpp',
        '-o',
        'OUT/server',
      ],
    }),
};

const HAND_ON = 'no thread both knows the request and calls; only the program’s queues do';

export const cppCases = [
  {
    ...cpp,
    name: 'cpp-threads',
    shows: 'C++, a thread a connection, kept alive; one call from a shared pool of connections.',
    variants: [{ targets: 'differ' }, { targets: 'equal' }],
    start: (place) => start(place, { mode: 'threads' }),
  },
  {
    ...cpp,
    name: 'cpp-pipelined',
    shows:
      'C++, a thread a connection; clients pipeline four requests, and each request pipelines four calls on one connection.',
    variants: [{ targets: 'equal' }],
    callsPerRequest: 4,
    start: (place) => start(place, { mode: 'pipelined', load: (port) => pipelined(port, 4) }),
  },
  {
    ...cpp,
    name: 'cpp-sub-threads',
    shows:
      'C++, a thread a connection; each request makes eight calls at a time on threads started for them.',
    variants: [{ targets: 'equal' }],
    callsPerRequest: 8,
    start: (place) => start(place, { mode: 'sub-threads' }),
  },
  {
    ...cpp,
    name: 'cpp-pool',
    shows:
      'C++, sixteen threads behind epoll: one of them reads a request, calls and answers; the next request of the connection is another’s.',
    variants: [{ targets: 'differ' }, { targets: 'equal' }],
    start: (place) => start(place, { mode: 'pool' }),
  },
  {
    ...cpp,
    name: 'cpp-hand-off',
    shows: 'C++: one thread reads all requests, one of sixteen calls and writes the response.',
    variants: [{ targets: 'differ' }, { targets: 'equal' }],
    start: (place) => start(place, { mode: 'hand-off' }),
  },
  {
    ...cpp,
    name: 'cpp-hand-on',
    shows: 'C++: one thread reads all requests, one of sixteen calls, one thread writes all responses.',
    variants: [
      { targets: 'differ', recallNotAsked: HAND_ON },
      { targets: 'equal', recallNotAsked: HAND_ON },
    ],
    start: (place) => start(place, { mode: 'hand-on' }),
  },
  {
    ...cpp,
    name: 'cpp-submit',
    shows: 'C++, a thread a connection, which gives the call to a pool of four and waits for it.',
    variants: [{ targets: 'differ' }, { targets: 'equal' }],
    start: (place) => start(place, { mode: 'submit', env: { THREADS: '4' } }),
  },
  {
    ...cpp,
    name: 'cpp-submit-background',
    shows: 'The same; every 5 ms the pool also gets a job that belongs to no request.',
    variants: [{ targets: 'equal' }],
    fixtureCalls: 1500,
    start: (place) => start(place, { mode: 'submit', env: { THREADS: '4', BACKGROUND: '1' } }),
  },
] satisfies LinkCase[];
