import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../../../examples/shop/run/free-ports.ts';
import { installShop } from '../../../examples/shop/run/install.ts';
import { ManagedProcess, type Program } from '../../../examples/shop/run/managed-process.ts';
import { pythonOf } from '../../../examples/shop/run/place.ts';
import { startPostgres } from '../../../examples/shop/run/postgres.ts';

const APP = fileURLToPath(new URL('../programs/unix_app.py', import.meta.url));

/** nginx, a Python service, PostgreSQL and Redis that reach each other over Unix sockets only. */
export interface UnixServices {
  readonly url: string;
  /** What chooses them: programs that have no port are found by what they run. */
  readonly instrument: readonly Readonly<Record<string, unknown>>[];
  readonly sockets: { readonly app: string; readonly redis: string; readonly postgres: string };
  stop(): Promise<void>;
}

export async function startUnixServices(workDir: string): Promise<UnixServices> {
  installShop();
  const [port, databasePort] = (await freePorts(2)) as [number, number];
  const sockets = {
    app: join(workDir, 'app.sock'),
    redis: join(workDir, 'redis.sock'),
    postgres: join(workDir, 'postgres', `.s.PGSQL.${databasePort}`),
  };
  const services: ManagedProcess[] = [];
  const stop = async () => {
    for (const service of services.reverse().splice(0))
      await service.stop(service.name === 'postgres' ? 'SIGINT' : 'SIGTERM');
  };
  const start = async (path: string, program: Omit<Program, 'logFile'>) => {
    const service = new ManagedProcess({ ...program, logFile: join(workDir, `${program.name}.log`) });
    services.push(service);
    await service.until(`made ${path}`, () => existsSync(path));
  };
  try {
    const folder = join(workDir, 'postgres');
    services.push(await startPostgres(folder, databasePort, join(workDir, 'postgres.log'), folder));
    await start(sockets.redis, {
      name: 'redis',
      command: 'redis-server',
      args: ['--port', '0', '--unixsocket', sockets.redis, '--save', '', '--dir', workDir],
    });
    await start(sockets.app, {
      name: 'app',
      command: pythonOf('stock'),
      args: [APP, workDir],
      env: { PGPORT: String(databasePort), OTEL_SERVICE_NAME: 'app' },
    });
    const config = join(workDir, 'nginx.conf');
    mkdirSync(join(workDir, 'nginx'));
    writeFileSync(config, nginxConfig(join(workDir, 'nginx'), port, sockets.app));
    const nginx = new ManagedProcess({
      name: 'nginx',
      command: '/usr/sbin/nginx',
      args: ['-c', config, '-e', join(workDir, 'nginx.log')],
      logFile: join(workDir, 'nginx.log'),
    });
    services.push(nginx);
    await nginx.listening(port);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `http://127.0.0.1:${port}`,
    instrument: [
      { open_ports: String(port) },
      { cmd_args: `*unix_app.py ${workDir}` },
      { cmd_args: `*${workDir}/postgres*` },
      { cmd_args: `*${sockets.redis}*` },
    ],
    sockets,
    stop,
  };
}

/** Below /new/ each request has a connection of its own, elsewhere they are kept. */
function nginxConfig(folder: string, port: number, app: string): string {
  const own = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
daemon off;
user root;
pid ${folder}/nginx.pid;
worker_processes 2;
events { worker_connections 512; }
http {
  access_log off;
  ${own.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  upstream app { server unix:${app}; keepalive 8; }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; }
    location /new/ { proxy_pass http://unix:${app}; }
  }
}
`;
}
