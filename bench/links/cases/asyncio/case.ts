import { join } from 'node:path';
import { databaseUrl, postgresProgram, startPostgres } from '../../../../examples/shop/run/postgres.ts';
import type { LinkCase, Place, Running } from '../../case.ts';
import { http } from '../../load/http.ts';
import { withChildren } from '../../observe.ts';
import { versionOf } from '../common/build.ts';
import { NEEDS_PYTHON, pythonProgram, pythonVersion } from '../common/python.ts';
import { pinned, prepareVenv, venvPython } from '../venv/venv.ts';
import { streamsCase } from './streams.ts';

interface Way {
  readonly way: 'one' | 'fan-out' | 'databases' | 'thread';
  readonly loop?: 'asyncio' | 'uvloop';
  readonly background?: boolean;
  readonly newConnections?: boolean;
}

async function start(place: Place, options: Way): Promise<Running> {
  const { way, loop = 'asyncio', background, newConnections = false } = options;
  const [port, postgresPort, redisPort] = (await place.ports(3)) as [number, number, number];
  const env: Record<string, string | number> = {
    PORT: port,
    WAY: way,
    LOOP: loop,
    ...(background && { BACKGROUND: 1 }),
    ...(newConnections && { NEW_CONNECTIONS: 1 }),
  };
  if (way === 'databases') {
    const postgres = await startPostgres(
      join(place.workDir, 'postgres'),
      postgresPort,
      join(place.workDir, 'postgres.log'),
    );
    // "Fast shutdown": PostgreSQL ends sessions instead of waiting for them.
    place.onStop(() => postgres.stop('SIGINT'));
    const args = ['--bind', '127.0.0.1', '--port', String(redisPort), '--save', '', '--dir', place.workDir];
    await place.start({ name: 'redis', command: 'redis-server', args }, redisPort);
    Object.assign(env, { DATABASE_URL: databaseUrl(postgresPort), REDIS_PORT: redisPort });
  } else env.UPSTREAM = (await place.upstream()).port;
  const server = await place.start(pythonProgram('asyncio/server.py', env, venvPython(place.cache)), port);
  return { instrument: withChildren(server.pid), load: http(port, { newConnections }) };
}

const equal = [{ targets: 'equal' }] as const;
const versions = () => [pythonVersion(), pinned('aiohttp')].join(', ');
const common = { needs: [NEEDS_PYTHON], prepare: prepareVenv, variants: equal, versions };

export const asyncioCases: readonly LinkCase[] = [
  streamsCase(),
  {
    ...common,
    name: 'asyncio',
    shows: 'aiohttp on asyncio; one call from a shared pool of connections.',
    start: (place) => start(place, { way: 'one' }),
  },
  {
    ...common,
    name: 'asyncio-new-connections',
    shows: 'The same, with new connections on both sides.',
    start: (place) => start(place, { way: 'one', newConnections: true }),
  },
  {
    ...common,
    name: 'asyncio-fan-out',
    shows: 'The same; four calls at a time (asyncio.gather).',
    callsPerRequest: 4,
    start: (place) => start(place, { way: 'fan-out' }),
  },
  {
    ...common,
    name: 'asyncio-thread',
    shows: 'The same; the call is made with the standard library on a thread (asyncio.to_thread).',
    start: (place) => start(place, { way: 'thread' }),
  },
  {
    ...common,
    name: 'asyncio-databases',
    shows:
      'The same; each request asks PostgreSQL (asyncpg) twice and Redis (redis.asyncio) once, over pools that all requests share.',
    needs: [
      NEEDS_PYTHON,
      { program: postgresProgram('postgres'), from: 'Debian package postgresql' },
      { program: 'redis-server', from: 'Debian package redis-server' },
    ],
    callsPerRequest: 3,
    versions: () =>
      [
        versions(),
        pinned('asyncpg'),
        pinned('redis'),
        versionOf(postgresProgram('postgres'), '--version'),
        versionOf('redis-server', '--version'),
      ].join(', '),
    start: (place) => start(place, { way: 'databases' }),
  },
  {
    ...common,
    name: 'asyncio-background',
    shows: 'One call a request, and a task that calls every few milliseconds and belongs to no request.',
    start: (place) => start(place, { way: 'one', background: true }),
  },
  {
    ...common,
    name: 'uvloop',
    shows: 'aiohttp on uvloop; one call from a shared pool of connections.',
    versions: () => [versions(), pinned('uvloop')].join(', '),
    start: (place) => start(place, { way: 'one', loop: 'uvloop' }),
  },
  {
    ...common,
    name: 'uvloop-fan-out',
    shows: 'The same; four calls at a time.',
    callsPerRequest: 4,
    versions: () => [versions(), pinned('uvloop')].join(', '),
    start: (place) => start(place, { way: 'fan-out', loop: 'uvloop' }),
  },
];
