import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LedgerRecord, readLedger } from './ledger.ts';
import { freePorts } from './run/free-ports.ts';
import { installShop } from './run/install.ts';
import { ManagedProcess, type Program } from './run/managed-process.ts';
import { pythonOf, SHOP } from './run/place.ts';
import { databaseUrl, startPostgres } from './run/postgres.ts';
import { childProcesses, type ProcessIdentity, processIdentity } from './run/process-identity.ts';

export interface ShopOptions {
  /** An existing folder for everything the shop writes; other accounts must be able to enter it. */
  readonly workDir: string;
  /** Where the SDKs send spans: HTTP (`web`) and gRPC (`price`) URLs. Nothing needs to listen there yet. */
  readonly otlp: { readonly http: string; readonly grpc: string };
  /** How long the SDKs gather spans before they export, in milliseconds; their own default (5000) when missing. */
  readonly sdkExportDelayMs?: number;
  /** Headers of a request that `stock` copies to its call of `price`; none when missing. */
  readonly stockForwards?: readonly string[];
  /** Further environment of the two services with an SDK, which wins over what they get otherwise. */
  readonly sdkServices?: { readonly [service in 'web' | 'price']?: Readonly<Record<string, string>> };
}

export interface ShopPorts {
  readonly nginx: number;
  readonly web: number;
  readonly stock: number;
  readonly price: number;
  readonly postgres: number;
  readonly redis: number;
}

/** A running shop. */
export interface Shop {
  /** Where to POST orders. */
  readonly url: string;
  readonly ports: ShopPorts;
  /** The settings by which the services' SDKs, and those of their customers, export. */
  readonly sdkEnv: Readonly<Record<string, string>>;
  /** Each service's processes as they are now: the one that was started and its workers. */
  processes(): Record<string, ProcessIdentity[]>;
  /** What the programs have recorded so far. */
  ledger(): LedgerRecord[];
  /** The file to which a further program, such as an instrumented customer, adds its records. */
  ledgerFile(service: string): string;
  logFile(service: string): string;
  /** Ends a service and starts it again on the same port; requests to it fail meanwhile. */
  restart(service: 'web' | 'stock' | 'price'): Promise<void>;
  /** Ends everything that was started; the work folder stays. */
  stop(): Promise<void>;
}

function fill(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/\$\{([A-Z_]+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Starts all services, each when those it calls listen. What they need is installed first where it is missing. */
export async function startShop(options: ShopOptions): Promise<Shop> {
  const { workDir } = options;
  installShop();
  const [nginx, web, stock, price, postgres, redis] = (await freePorts(6)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const ports: ShopPorts = { nginx, web, stock, price, postgres, redis };
  for (const folder of ['ledger', 'logs', 'nginx', 'redis']) mkdirSync(join(workDir, folder));
  const ledgerFile = (service: string) => join(workDir, 'ledger', `${service}.jsonl`);
  const logFile = (service: string) => join(workDir, 'logs', `${service}.log`);
  const sdkEnv: Record<string, string> =
    options.sdkExportDelayMs === undefined
      ? {}
      : { OTEL_BSP_SCHEDULE_DELAY: String(options.sdkExportDelayMs) };

  const services: ManagedProcess[] = [];
  const startAgain = new Map<string, () => Promise<void>>();
  const stop = async () => {
    for (const service of services.reverse().splice(0)) {
      // "Fast shutdown": PostgreSQL ends sessions instead of waiting for them.
      await service.stop(service.name === 'postgres' ? 'SIGINT' : 'SIGTERM');
    }
  };
  const start = async (port: number, program: Omit<Program, 'logFile'>) => {
    startAgain.set(program.name, () => start(port, program));
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
        ...options.sdkServices?.price,
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
        FORWARDED: (options.stockForwards ?? []).join(' '),
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
        // Its exporter says nothing otherwise of what it gives up.
        OTEL_LOG_LEVEL: 'error',
        OTEL_SERVICE_NAME: 'web',
        OTEL_EXPORTER_OTLP_ENDPOINT: options.otlp.http,
        PORT: String(web),
        STOCK_URL: `http://127.0.0.1:${stock}/stock`,
        LEDGER_FILE: ledgerFile('web'),
        ...options.sdkServices?.web,
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
    logFile,
    restart: async (name) => {
      const [running] = services.splice(
        services.findIndex((service) => service.name === name),
        1,
      );
      await running!.stop();
      await startAgain.get(name)!();
    },
    stop,
  };
}
