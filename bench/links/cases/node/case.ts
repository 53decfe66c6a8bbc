import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseUrl, postgresProgram, startPostgres } from '../../../../examples/shop/run/postgres.ts';
import { inRepository } from '../../../common/repository.ts';
import type { LinkCase, Place, Running } from '../../case.ts';
import { http } from '../../load/http.ts';
import { withChildren } from '../../observe.ts';
import { build, builtIn, versionOf } from '../common/build.ts';

const SOURCES = inRepository('bench/links/cases/node');

async function start(place: Place): Promise<Running> {
  const [port, postgresPort, redisPort] = (await place.ports(3)) as [number, number, number];
  const postgres = await startPostgres(
    join(place.workDir, 'postgres'),
    postgresPort,
    join(place.workDir, 'postgres.log'),
  );
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
  const upstream = await place.upstream();
  const env = {
    PORT: String(port),
    UPSTREAM: String(upstream.port),
    DATABASE_URL: databaseUrl(postgresPort),
    REDIS_PORT: String(redisPort),
  };
  const script = join(builtIn(place.cache, 'node'), 'server.mjs');
  const server = await place.start({ name: 'node', command: process.execPath, args: [script], env }, port);
  return { instrument: withChildren(server.pid), load: http(port) };
}

function dependencies(): string[] {
  const manifest = JSON.parse(readFileSync(join(SOURCES, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  return Object.entries(manifest.dependencies).map(([name, version]) => `${name} ${version}`);
}

const recallNotAsked = 'which request makes a call is known to Node alone';

export const nodeCase = {
  name: 'node',
  shows: 'Node’s http server; each request asks an upstream by fetch, PostgreSQL (`pg`) and Redis (`redis`).',
  variants: [
    { targets: 'differ', recallNotAsked },
    { targets: 'equal', recallNotAsked },
  ],
  needs: [
    { program: postgresProgram('postgres'), from: 'Debian package postgresql' },
    { program: 'redis-server', from: 'Debian package redis-server' },
  ],
  callsPerRequest: 3,
  versions: () =>
    [`Node ${process.versions.node}`, ...dependencies(), versionOf('redis-server', '--version')].join(', '),
  prepare: (cache) =>
    build(cache, {
      name: 'node',
      command: 'sh',
      args: [
        '-ec',
        'rm -rf OUT; mkdir -p OUT; cp package.json server.mjs OUT; npm install --prefix OUT --no-audit --no-fund --no-package-lock --loglevel=error',
      ],
    }),
  start,
} satisfies LinkCase;
