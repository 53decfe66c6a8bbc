import { join } from 'node:path';
import { databaseUrl, postgresProgram, startPostgres } from '../../../../examples/shop/run/postgres.ts';
import type { LinkCase, Place, Running } from '../../case.ts';
import { http } from '../../load/http.ts';
import { withChildren } from '../../observe.ts';
import { versionOf } from '../common/build.ts';
import { NEEDS_PYTHON, pythonProgram, pythonVersion } from '../common/python.ts';
import { pinned, prepareVenv, venvPython } from '../venv/venv.ts';

async function start(place: Place): Promise<Running> {
  const [port, postgresPort, redisPort] = (await place.ports(3)) as [number, number, number];
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
  const env = { PORT: port, DATABASE_URL: databaseUrl(postgresPort), REDIS_PORT: redisPort };
  const server = await place.start(pythonProgram('databases/server.py', env, venvPython(place.cache)), port);
  return { instrument: withChildren(server.pid), load: http(port) };
}

export const databases = {
  name: 'python-databases',
  shows:
    'Python, a thread a connection; each request asks PostgreSQL twice (bound parameter, literal) and Redis once, over connections that all requests share.',
  variants: [{ targets: 'equal' }],
  needs: [
    NEEDS_PYTHON,
    { program: postgresProgram('postgres'), from: 'Debian package postgresql' },
    { program: 'redis-server', from: 'Debian package redis-server' },
  ],
  callsPerRequest: 3,
  versions: () =>
    [
      pythonVersion(),
      pinned('psycopg'),
      pinned('redis'),
      versionOf(postgresProgram('postgres'), '--version'),
      versionOf('redis-server', '--version'),
    ].join(', '),
  prepare: prepareVenv,
  start,
} satisfies LinkCase;
