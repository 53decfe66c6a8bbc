import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../examples/shop/run/free-ports.ts';
import { ManagedProcess } from '../../examples/shop/run/managed-process.ts';
import { childrenOf } from './process-stat.ts';

const NGINX = '/usr/sbin/nginx';
export const BODY = 'hello world\n';

export interface HelloWorld {
  readonly url: string;
  readonly port: number;
  /** The only worker. */
  readonly worker: number;
  /** Requests begun so far; asking is one itself. */
  requests(): Promise<number>;
  stop(): Promise<void>;
}

/** nginx with one worker that answers every request from its configuration, on `cpu` if given. */
export async function startHelloWorld(workDir: string, cpu?: number): Promise<HelloWorld> {
  if (!existsSync(NGINX))
    throw new Error(`${NGINX} is missing: install nginx (bash scripts/setup.sh --with-tests)`);
  const [port, statusPort] = (await freePorts(2)) as [number, number];
  const config = join(workDir, 'nginx.conf');
  writeFileSync(config, configuration(workDir, port, statusPort, cpu));
  const nginx = new ManagedProcess({
    name: 'nginx',
    command: NGINX,
    args: ['-c', config, '-e', join(workDir, 'nginx-errors.log')],
    logFile: join(workDir, 'nginx.log'),
  });
  await nginx.listening(port);
  let workers: number[] = [];
  await nginx.until('started its worker', () => {
    workers = childrenOf(nginx.pid);
    return workers.length === 1;
  });
  // The probe for the open port counts as well: let it be over.
  await sleep(50);
  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    worker: workers[0]!,
    requests: async () => {
      const status = await (await fetch(`http://127.0.0.1:${statusPort}/`)).text();
      return Number(/^ \d+ \d+ (\d+)/m.exec(status)![1]);
    },
    stop: () => nginx.stop(),
  };
}

function configuration(workDir: string, port: number, statusPort: number, cpu: number | undefined): string {
  return `daemon off;
worker_processes 1;
${cpu === undefined ? '' : `worker_cpu_affinity ${'1'.padEnd(cpu + 1, '0')};`}
pid ${workDir}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path ${workDir}/body;
  proxy_temp_path ${workDir}/proxy;
  fastcgi_temp_path ${workDir}/fastcgi;
  uwsgi_temp_path ${workDir}/uwsgi;
  scgi_temp_path ${workDir}/scgi;
  server {
    listen 127.0.0.1:${port};
    location / { return 200 "${BODY.replace('\n', '\\n')}"; }
  }
  server {
    listen 127.0.0.1:${statusPort};
    location / { stub_status; }
  }
}
`;
}
