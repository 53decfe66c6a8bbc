import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ManagedProcess, type Program, run } from './managed-process.ts';

const DEBIAN = '/usr/lib/postgresql';

/** A program of PostgreSQL's: Debian keeps them out of PATH, in a folder a version. */
export function postgresProgram(name: string): string {
  if (!existsSync(DEBIAN)) return name;
  const newest = Math.max(...readdirSync(DEBIAN).map(Number).filter(Number.isFinite));
  const path = join(DEBIAN, String(newest), 'bin', name);
  return existsSync(path) ? path : name;
}

/** PostgreSQL refuses to run as root; the account its package makes is used instead. */
function account(): Program['user'] {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

const TABLE = `CREATE TABLE order_lines (order_id text PRIMARY KEY, quantity integer NOT NULL);
  INSERT INTO order_lines SELECT 'ord-' || lpad(n::text, 6, '0'), 7 FROM generate_series(0, 9999) n;`;

export function databaseUrl(port: number): string {
  return `postgresql://shop@127.0.0.1:${port}/postgres?sslmode=disable`;
}

/** A database cluster of its own in `directory`, with the shop's one table; listens in `socketDirectory` as well if given. */
export async function startPostgres(
  directory: string,
  port: number,
  logFile: string,
  socketDirectory = '',
): Promise<ManagedProcess> {
  const user = account();
  mkdirSync(directory, { mode: 0o700 });
  if (user) chownSync(directory, user.uid, user.gid);
  const common = { user, cwd: directory, logFile };
  await run({
    ...common,
    name: 'initdb',
    command: postgresProgram('initdb'),
    args: [
      '-D',
      directory,
      '-U',
      'shop',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C',
      '--no-sync',
      '--no-instructions',
    ],
  });
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: socketDirectory,
    fsync: 'off',
    ssl: 'off',
    shared_buffers: '16MB',
  };
  const server = new ManagedProcess({
    ...common,
    name: 'postgres',
    command: postgresProgram('postgres'),
    args: ['-D', directory, ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])],
  });
  await server.until('accepted connections', () => server.output().includes('ready to accept connections'));
  await run({
    name: 'psql',
    command: postgresProgram('psql'),
    args: ['--quiet', '--set', 'ON_ERROR_STOP=1', databaseUrl(port), '--command', TABLE],
    logFile,
  });
  return server;
}
