import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLedger } from './ledger.js';
import { freePorts } from './run/free-ports.js';
import { ManagedProcess } from './run/managed-process.js';
import { pythonOf, SHOP } from './run/place.js';
import { databaseUrl, startPostgres } from './run/postgres.js';
import { childProcesses, processIdentity } from './run/process-identity.js';

function fill(template, values) {
  return template.replace(/\$\{([A-Z_]+)\}/g, (whole, name) => String(values[name] ?? whole));
}
/** Starts all services, the last one when the ones it calls listen. */
export async function startShop(options) {
  const { workDir } = options;
  const [nginx, web, stock, price, postgres, redis] = await freePorts(6);
  const ports = { nginx, web, stock, price, postgres, redis };
  for (const folder of ['ledger', 'logs', 'nginx', 'redis']) mkdirSync(join(workDir, folder));
  const ledgerFile = (service) => join(workDir, 'ledger', `${service}.jsonl`);
  const logFile = (service) => join(workDir, 'logs', `${service}.log`);
  const sdkEnv =
    options.sdkExportDelayMs === undefined
      ? {}
      : { OTEL_BSP_SCHEDULE_DELAY: String(options.sdkExportDelayMs) };
  const services = [];
  const stop = async () => {
    for (const service of services.reverse().splice(0)) {
      // "Fast shutdown": PostgreSQL ends sessions instead of waiting for them.
      await service.stop(service.name === 'postgres' ? 'SIGINT' : 'SIGTERM');
    }
  };
  const start = async (port, program) => {
    const service = new ManagedProcess({ ...program, logFile: logFile(program.name) });
    services.push(service);
    await service.listening(port);
  };
  try {
    services.push(await startPostgres(join(workDir, 'postgres'), postgres, logFile('postgres')));
    await start(redis, {
      name: 'redis',
      command: 'redis-server',
      args: ['--bind', '127.0.0.1', '--port', String(redis), '--save', '', '--dir', join(workDir, 'redis')],
    });
    const python = {
      PYTHONPATH: join(SHOP, 'common'),
      PYTHONDONTWRITEBYTECODE: '1',
      REDIS_PORT: String(redis),
    };
    await start(price, {
      name: 'price',
      command: pythonOf('price'),
      args: `-m gunicorn --bind 127.0.0.1:${price} --threads 16 --keep-alive 120 --graceful-timeout 2 --no-control-socket price:app`.split(
        ' ',
      ),
      cwd: join(SHOP, 'price'),
      env: {
        ...python,
        ...sdkEnv,
        OTEL_SERVICE_NAME: 'price',
        OTEL_EXPORTER_OTLP_ENDPOINT: options.otlp.grpc,
        LEDGER_SERVICE: 'price',
        LEDGER_FILE: ledgerFile('price'),
      },
    });
    await start(stock, {
      name: 'stock',
      command: pythonOf('stock'),
      args: [join(SHOP, 'stock/stock.py')],
      env: {
        ...python,
        PORT: String(stock),
        PRICE_PORT: String(price),
        DATABASE_URL: databaseUrl(postgres),
        LEDGER_SERVICE: 'stock',
        LEDGER_FILE: ledgerFile('stock'),
      },
    });
    await start(web, {
      name: 'web',
      command: process.execPath,
      args: [join(SHOP, 'web/server.js')],
      env: {
        ...sdkEnv,
        OTEL_SERVICE_NAME: 'web',
        OTEL_EXPORTER_OTLP_ENDPOINT: options.otlp.http,
        PORT: String(web),
        STOCK_URL: `http://127.0.0.1:${stock}/stock`,
        LEDGER_FILE: ledgerFile('web'),
      },
    });
    const config = join(workDir, 'nginx/nginx.conf');
    writeFileSync(
      config,
      fill(readFileSync(join(SHOP, 'nginx/nginx.conf'), 'utf8'), {
        DIRECTORY: join(workDir, 'nginx'),
        USER_DIRECTIVE: process.getuid?.() === 0 ? 'user nobody nogroup;' : '',
        LEDGER_FILE: ledgerFile('nginx'),
        PORT: nginx,
        WEB_PORT: web,
      }),
    );
    await start(nginx, {
      name: 'nginx',
      command: existsSync('/usr/sbin/nginx') ? '/usr/sbin/nginx' : 'nginx',
      args: ['-c', config],
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `http://127.0.0.1:${nginx}/order`,
    ports,
    sdkEnv: { ...sdkEnv, OTEL_EXPORTER_OTLP_ENDPOINT: options.otlp.http },
    processes: () =>
      Object.fromEntries(
        services.map(({ name, pid }) => [
          name,
          // PostgreSQL has one process a session: those come and go.
          [processIdentity(pid), ...(name === 'postgres' ? [] : childProcesses(pid))].filter(
            (p) => p !== undefined,
          ),
        ]),
      ),
    ledger: () => readLedger(join(workDir, 'ledger')),
    ledgerFile,
    stop,
  };
}
