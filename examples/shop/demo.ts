import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { label } from './ledger.ts';
import { freePorts } from './run/free-ports.ts';
import { SHOP } from './run/place.ts';
import { sendOrders } from './run/send-orders.ts';
import { startSpanloom } from './run/spanloom.ts';
import { makeWorkDir, removeWorkDir } from './run/work-dir.ts';
import { type Shop, startShop } from './shop.ts';

/** SDKs export every 5 s and Spanloom waits 10 s after the end of a request; then every tree is out. */
const ALL_RELEASED_MS = 16_000;

function positive(option: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--${option} is "${text}"; expected a whole number above 0`);
}

function options(): { requests: number; concurrency: number } {
  const { values } = parseArgs({
    options: {
      requests: { type: 'string', default: '3' },
      concurrency: { type: 'string', default: '1' },
    },
  });
  return {
    requests: positive('requests', values.requests),
    concurrency: positive('concurrency', values.concurrency),
  };
}

function listProcesses(shop: Shop): string {
  return Object.entries(shop.processes())
    .map(
      ([service, processes]) =>
        `${service} ${processes.map(({ pid, startTime }) => `${pid}@${startTime}`).join(' ')}`,
    )
    .join(', ');
}

async function watch(shop: Shop, workDir: string, otlp: { grpc: number; http: number }): Promise<void> {
  const { requests, concurrency } = options();
  const spanloom = await startSpanloom({
    configFile: join(SHOP, 'spanloom.yaml'),
    env: {
      SHOP_PORTS: [shop.ports.nginx, shop.ports.web, shop.ports.stock, shop.ports.price].join(','),
      OTLP_GRPC_PORT: String(otlp.grpc),
      OTLP_HTTP_PORT: String(otlp.http),
    },
    logFile: join(workDir, 'spanloom.log'),
    showOutput: true,
  });
  try {
    console.log(
      `Sending ${requests} orders to nginx, ${concurrency} at a time; the trees come when all is told …\n`,
    );
    await sendOrders(
      shop.url,
      Array.from({ length: requests }, (_, i) => label(i)),
      concurrency,
    );
    await sleep(ALL_RELEASED_MS);
  } finally {
    await spanloom.stop();
  }
}

async function demo(): Promise<void> {
  const [grpc, http] = (await freePorts(2)) as [number, number];
  const workDir = makeWorkDir();
  process.once('exit', () => removeWorkDir(workDir));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  let shop: Shop | undefined;
  try {
    console.log(
      'Starting the shop: nginx → web (Node, SDK) → stock (Python, no SDK) → PostgreSQL, Redis, price (Python, SDK) → Redis',
    );
    shop = await startShop({
      workDir,
      otlp: { grpc: `http://127.0.0.1:${grpc}`, http: `http://127.0.0.1:${http}` },
    });
    const before = listProcesses(shop);
    console.log(`Running (pid@start time): ${before}`);
    console.log('Starting Spanloom beside it …');
    await watch(shop, workDir, { grpc, http });
    const after = listProcesses(shop);
    console.log(
      after === before
        ? '\nThe same processes run as before: none was restarted.'
        : `\nNow other processes run: ${after}`,
    );
    console.log(
      'Each tree above is one order. web and price sent their own spans and know nothing of each other: stock forwards no header,\n' +
        'so price began a trace of its own. The spans of nginx and stock, and of every call to PostgreSQL and Redis, were made from\n' +
        'what the kernel saw; what joins a span to the one above it is said at the end of its line.',
    );
  } finally {
    await shop?.stop();
  }
}

demo().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
