import { join } from 'node:path';
import { databaseUrl, postgresProgram, startPostgres } from '../../../../examples/shop/run/postgres.ts';
import type { LinkCase, Need, Place, Running } from '../../case.ts';
import { http } from '../../load/http.ts';
import { withChildren } from '../../observe.ts';
import { versionOf } from '../common/build.ts';
import { buildGo, type GoBuild, goVersion } from './build.ts';

export const NEEDS_GO: Need = { program: 'go', from: 'https://go.dev/dl or Debian package golang' };

const NEEDS_DATABASES: readonly Need[] = [
  { program: postgresProgram('postgres'), from: 'Debian package postgresql' },
  { program: 'redis-server', from: 'Debian package redis-server' },
];

interface Mode {
  readonly name: string;
  readonly shows: string;
  readonly callsPerRequest: number;
  readonly databases?: boolean;
  /** Calls that belong to no request are made all the time. */
  readonly ticker?: boolean;
  /** Garbage is collected all the time. */
  readonly collectsAlways?: boolean;
  readonly recallNotAsked?: string;
}

/** Where the program has its functions is found out while it runs. */
const SELECTION_MS = 2000;

const WORKERS_UNKNOWN = 'which request a job in a channel belongs to only the program knows';

/** What the program does, by the value of MODE. */
export const MODES = {
  proxy: {
    name: 'go-proxy',
    shows: 'Go’s httputil.ReverseProxy, kept-alive connections.',
    callsPerRequest: 1,
  },
  client: {
    name: 'go-client',
    shows: 'net/http; each request makes one call with a shared client.',
    callsPerRequest: 1,
  },
  'new-connections': {
    name: 'go-new-connections',
    shows: 'The same with a new connection for each call.',
    callsPerRequest: 1,
  },
  databases: {
    name: 'go-databases',
    shows:
      'net/http; each request asks PostgreSQL twice (database/sql, lib/pq) and Redis once (go-redis), over pools of eight.',
    callsPerRequest: 3,
    databases: true,
  },
  'fan-out': {
    name: 'go-fan-out',
    shows: 'net/http; each request makes eight calls at once, each on a goroutine of its own.',
    callsPerRequest: 8,
  },
  nested: {
    name: 'go-nested',
    shows:
      'net/http; four calls at once, by goroutines whose starters have ended, on stacks that grow, while garbage is collected all the time (GOGC=1).',
    callsPerRequest: 4,
    collectsAlways: true,
  },
  timeout: {
    name: 'go-timeout',
    shows: 'net/http’s TimeoutHandler, which runs the handler on a goroutine of its own; one call.',
    callsPerRequest: 1,
  },
  mixed: {
    name: 'go-mixed',
    shows:
      'net/http; a call, a query, three calls at once, a Redis command; beside them a goroutine calls out every 5 ms for nobody.',
    callsPerRequest: 6,
    databases: true,
    ticker: true,
  },
  workers: {
    name: 'go-workers',
    shows:
      'net/http; the call is made by one of 16 workers that take jobs from a channel, started before any request.',
    callsPerRequest: 1,
    recallNotAsked: WORKERS_UNKNOWN,
  },
  'lazy-workers': {
    name: 'go-lazy-workers',
    shows: 'The same, with workers that requests start where none is idle, and that go on to serve others.',
    callsPerRequest: 1,
    recallNotAsked: WORKERS_UNKNOWN,
  },
} satisfies Record<string, Mode>;

/** A case of this program, built in this way. */
export function goCase(mode: keyof typeof MODES, build: GoBuild = {}): LinkCase {
  let program = '';
  const { name, shows, callsPerRequest, databases, ticker, collectsAlways, recallNotAsked }: Mode =
    MODES[mode];
  const targets = mode === 'proxy' ? (['differ', 'equal'] as const) : (['equal'] as const);
  const [first, ...others] = targets.map((target) => ({
    targets: target,
    ...(recallNotAsked && { recallNotAsked }),
  }));
  return {
    name,
    shows,
    variants: [first!, ...others],
    needs: [NEEDS_GO, ...(databases ? NEEDS_DATABASES : [])],
    callsPerRequest,
    versions: () =>
      [
        goVersion(build.toolchain),
        ...(databases
          ? [versionOf(postgresProgram('postgres'), '--version'), versionOf('redis-server', '--version')]
          : []),
      ].join(', '),
    prepare: (cache) => {
      program = buildGo(cache, build);
    },
    start: async (place) => {
      const [port] = (await place.ports(1)) as [number];
      const upstream = await place.upstream();
      const server = await place.start(
        {
          name,
          command: program,
          args: [],
          env: {
            MODE: mode,
            PORT: String(port),
            UPSTREAM: String(upstream.port),
            ...(databases && (await startDatabases(place))),
            ...(ticker && { TICKER: 'yes' }),
            ...(collectsAlways && { GOGC: '1' }),
          },
        },
        port,
      );
      return {
        instrument: withChildren(server.pid),
        selectionMs: SELECTION_MS,
        load: http(port),
        // A proxy records nothing.
        ...(mode === 'proxy' && { calls: () => upstream.received }),
      } satisfies Running;
    },
  };
}

async function startDatabases(place: Place): Promise<Record<string, string>> {
  const [postgresPort, redisPort] = (await place.ports(2)) as [number, number];
  const logFile = join(place.workDir, 'postgres.log');
  const postgres = await startPostgres(join(place.workDir, 'postgres'), postgresPort, logFile);
  // "Fast shutdown": PostgreSQL ends sessions instead of waiting for them.
  place.onStop(() => postgres.stop('SIGINT'));
  await place.start(
    {
      name: 'redis',
      command: 'redis-server',
      args: ['--bind', '127.0.0.1', '--port', String(redisPort), '--save', '', '--dir', place.workDir],
    },
    redisPort,
  );
  return { DATABASE_URL: databaseUrl(postgresPort), REDIS_PORT: String(redisPort) };
}

export const goCases: readonly LinkCase[] = (Object.keys(MODES) as (keyof typeof MODES)[]).map((mode) =>
  goCase(mode),
);
