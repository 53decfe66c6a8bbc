import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LedgerRecord, label } from '../../examples/shop/ledger.ts';
import { freePorts } from '../../examples/shop/run/free-ports.ts';
import type { ProcessIdentity } from '../../examples/shop/run/process-identity.ts';
import { sendOrders } from '../../examples/shop/run/send-orders.ts';
import { startSpanloom } from '../../examples/shop/run/spanloom.ts';
import { type Shop, startShop } from '../../examples/shop/shop.ts';
import { readSpans, type Span } from './otlp-json.ts';
import { writeConfig } from './spanloom-config.ts';

export interface Observation {
  /** An existing folder that other accounts may enter. */
  readonly workDir: string;
  readonly orders: number;
  readonly concurrency: number;
  readonly sdkExportDelayMs?: number;
  readonly correlate?: Readonly<Record<string, unknown>>;
  /** Further settings of the `ebpf` receiver. */
  readonly ebpf?: Readonly<Record<string, unknown>>;
  /** Sections of exporters that get the same spans as the output file. */
  readonly exporters?: Readonly<Record<string, unknown>>;
  /** Sends the orders; plain HTTP requests when missing. */
  readonly send?: (shop: Shop, labels: readonly string[], concurrency: number) => Promise<void>;
}

export interface Observed {
  readonly labels: readonly string[];
  readonly ledger: readonly LedgerRecord[];
  readonly spans: readonly Span[];
  /** The shop's processes before Spanloom started for the first time, and after everything. */
  readonly before: Record<string, ProcessIdentity[]>;
  readonly after: Record<string, ProcessIdentity[]>;
}

/** Orders sent before Spanloom starts: connections, pools and prepared statements are there already. */
const EARLIER = { first: 9000, count: 20 };
/** After this long without the last span the output is taken as it is. */
const PATIENCE_MS = 60_000;

function labelsFrom(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => label(first + i));
}

async function poll(done: () => boolean): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; !done() && Date.now() < deadline; ) await sleep(250);
}

/** The programs write their records after they answered. */
async function recorded(shop: Shop, labels: readonly string[]): Promise<LedgerRecord[]> {
  const wanted = new Set(labels);
  const last = new Set<string>();
  await poll(() => {
    last.clear();
    for (const { service, kind, label } of shop.ledger())
      if (service === 'nginx' && kind === 'client' && wanted.has(label)) last.add(label);
    return last.size === wanted.size;
  });
  return shop.ledger();
}

/**
 * Starts the shop, lets it work a little, then starts Spanloom beside it, sends orders and gathers what comes out.
 * Everything started is stopped again.
 */
export async function observeShop(observation: Observation): Promise<Observed> {
  const { workDir, orders, concurrency } = observation;
  const [grpc, http] = (await freePorts(2)) as [number, number];
  const { sdkExportDelayMs } = observation;
  const shop = await startShop({
    workDir,
    otlp: { grpc: `http://127.0.0.1:${grpc}`, http: `http://127.0.0.1:${http}` },
    ...(sdkExportDelayMs !== undefined && { sdkExportDelayMs }),
  });
  try {
    const before = shop.processes();
    await sendOrders(shop.url, labelsFrom(EARLIER.first, EARLIER.count), concurrency);

    const output = join(workDir, 'traces.jsonl');
    const { nginx, web, stock, price } = shop.ports;
    const spanloom = await startSpanloom({
      configFile: writeConfig(workDir, 'live', {
        ebpf: { ...observation.ebpf, instrument: [{ open_ports: [nginx, web, stock, price].join(',') }] },
        otlp: { grpc, http },
        correlate: observation.correlate ?? {},
        output,
        ...(observation.exporters && { exporters: observation.exporters }),
      }),
      logFile: join(workDir, 'spanloom.log'),
    });
    try {
      const labels = labelsFrom(0, orders);
      await (observation.send ?? defaultSend)(shop, labels, concurrency);
      const ledger = await recorded(shop, labels);
      const wanted = new Set(labels);
      const expected = ledger.filter((record) => wanted.has(record.label)).length;
      await poll(() => readSpans(output).length >= expected || spanloom.exit !== undefined);
      if (spanloom.exit !== undefined) throw spanloom.failure(spanloom.exit);
      await spanloom.stop();
      return { labels, ledger, spans: readSpans(output), before, after: shop.processes() };
    } finally {
      await spanloom.stop();
    }
  } finally {
    await shop.stop();
  }
}

function defaultSend(shop: Shop, labels: readonly string[], concurrency: number): Promise<void> {
  return sendOrders(shop.url, labels, concurrency);
}
