import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LedgerRecord, label } from '../../../examples/shop/ledger.ts';
import { freePorts } from '../../../examples/shop/run/free-ports.ts';
import { sendOrders } from '../../../examples/shop/run/send-orders.ts';
import { startSpanloom } from '../../../examples/shop/run/spanloom.ts';
import { startShop } from '../../../examples/shop/shop.ts';
import type { Merge } from '../../support/expected-merge.ts';
import { readSpans, type Span } from '../../support/otlp-json.ts';
import { writeConfig } from '../../support/spanloom-config.ts';
import { Chain } from '../sdks/chain.ts';
import type { LANGUAGES } from '../sdks/languages.ts';
import { BurstLoad, Customer, type SentOrder } from './burst-load.ts';
import { SpanIds } from './exact-orders.ts';
import type { Restart } from './plan.ts';
import { RelayLoad } from './relayed.ts';
import { type Life, RestartedSpanloom } from './restarted-spanloom.ts';

/** Orders come in bursts of five. */
const CUSTOMERS = 5;
const BURST_EVERY_MS = 450;
const RELAY_EVERY_MS = 300;
/** How long the load goes on after the last restart. */
const LAST_LIFE_MS = 8000;
const SDK_EXPORT_MS = 500;
/** The default: an SDK whose exporter found nobody listening tries again after 1, 2, 4 seconds. */
const DECISION_WAIT_MS = 10_000;
/** For what takes no time on an idle machine, and for the file exporter, which writes every second. */
const SLACK_MS = 1500;
/** How long after its end a request's trace may still be on its way. */
export const HOLDS = { sdkSpans: SDK_EXPORT_MS + SLACK_MS, release: DECISION_WAIT_MS + 1000 + SLACK_MS };

/** An order whose first half was sent before a restart and the rest after it, and the next one on the same connection. */
export interface Straddling {
  readonly order: SentOrder;
  /** When the rest of it was sent, in milliseconds of Unix time. */
  readonly restSentAt: number;
  readonly next: SentOrder;
}

/** What came of restarting Spanloom while the shop and chains of SDK services worked. */
export interface RestartRun {
  readonly lives: readonly Life[];
  readonly orders: readonly SentOrder[];
  /** One for each restart. */
  readonly straddling: readonly Straddling[];
  /** Requests to the chains. */
  readonly relayed: readonly SentOrder[];
  readonly ledger: readonly LedgerRecord[];
  /** What one saw that watched all the time and gets no SDK's spans. */
  readonly watched: readonly Span[];
  readonly ids: SpanIds;
  /** All lives' spans. */
  readonly output: readonly Span[];
  /** Exports that SDKs gave up by their own word, by service: they try for some eight seconds. */
  readonly givenUp: Readonly<Record<string, number>>;
}

/** Labels of orders: those before Spanloom's first start, those of the load, and those around restarts. */
const EARLIER = { first: 9000, count: 10 };
const LOAD = { first: 0, count: 8000 };
function* labels({ first, count }: { first: number; count: number }): Generator<string> {
  for (let i = 0; i < count; i++) yield label(first + i);
}
const straddlingLabel = (restart: number) => label(8000 + 2 * restart);
const nextLabel = (restart: number) => label(8001 + 2 * restart);

export interface RestartScenario {
  readonly workDir: string;
  readonly merge: Merge;
  readonly restarts: readonly Restart[];
  /** Languages of the SDK services beside the shop; one exports by gRPC, the next by HTTP. */
  readonly languages: readonly (keyof typeof LANGUAGES)[];
}

export async function runRestarts({
  workDir,
  merge,
  restarts,
  languages,
}: RestartScenario): Promise<RestartRun> {
  const [grpc, http] = (await freePorts(2)) as [number, number];
  const otlp = { grpc: `http://127.0.0.1:${grpc}`, http: `http://127.0.0.1:${http}` };
  const shop = await startShop({ workDir, otlp, sdkExportDelayMs: SDK_EXPORT_MS });
  const chains: Chain[] = [];
  const { nginx, web, stock, price } = shop.ports;
  const watchedPorts = [nginx, web, stock, price];
  const customers = Array.from({ length: CUSTOMERS }, () => new Customer(shop.url));
  const watchedFile = join(workDir, 'watched.jsonl');
  const straddling: Straddling[] = [];
  let orders: SentOrder[];
  let relayed: SentOrder[];
  let spanloom: RestartedSpanloom | undefined;
  try {
    for (const [i, language] of languages.entries()) {
      const [front, plain, back] = (await freePorts(3)) as [number, number, number];
      watchedPorts.push(front, plain, back);
      const [protocol, endpoint] =
        i % 2 === 0 ? (['grpc', otlp.grpc] as const) : (['http/protobuf', otlp.http] as const);
      const ports = { front, plain, back };
      chains.push(
        await Chain.start({
          language,
          protocol,
          otlp: endpoint,
          ports,
          workDir,
          sdkExportDelayMs: SDK_EXPORT_MS,
        }),
      );
    }
    await sendOrders(shop.url, [...labels(EARLIER)], CUSTOMERS);
    const ebpf = { instrument: [{ open_ports: watchedPorts.join(',') }] };
    spanloom = new RestartedSpanloom(workDir, {
      ebpf,
      otlp: { grpc, http },
      correlate: { ...merge, decision_wait: `${DECISION_WAIT_MS}ms` },
    });
    const watcher = await startSpanloom({
      configFile: writeConfig(workDir, 'watching', { ebpf, output: watchedFile }),
      logFile: join(workDir, 'watching.log'),
    });
    try {
      await spanloom.start();
      const load = new BurstLoad(customers, labels(LOAD), BURST_EVERY_MS);
      const relays = chains.map(({ url }, i) => new RelayLoad(url, languages[i]!, RELAY_EVERY_MS));
      for (const [i, { signal, afterMs }] of restarts.entries()) {
        await sleep(afterMs);
        const customer = new Customer(shop.url);
        const half = customer.halfOrder(straddlingLabel(i));
        await sleep(100);
        await spanloom.restart(signal);
        const restSentAt = Date.now();
        const order = await half.finish();
        straddling.push({ order, restSentAt, next: await customer.order(nextLabel(i)) });
        customer.close();
      }
      await sleep(LAST_LIFE_MS);
      orders = [...(await load.stop()), ...straddling.map(({ next }) => next)];
      relayed = (await Promise.all(relays.map((relay) => relay.stop()))).flat();
      await sleep(HOLDS.sdkSpans);
      await spanloom.stop('SIGTERM');
    } finally {
      await spanloom.abandon();
      await watcher.stop();
    }
  } finally {
    for (const customer of customers) customer.close();
    await Promise.all(chains.map((chain) => chain.stop()));
    await shop.stop();
  }
  const lives = spanloom.lives();
  const ledger = shop.ledger().filter((record) => record.label < label(EARLIER.first));
  const watched = readSpans(watchedFile);
  return {
    lives,
    orders,
    straddling,
    relayed,
    ledger,
    watched,
    ids: new SpanIds(watched, ledger),
    output: lives.flatMap(({ spans }) => spans),
    givenUp: {
      price: times('Failed to export traces', shop.logFile('price')),
      web: times('"stack":', shop.logFile('web')),
    },
  };
}

function times(text: string, file: string): number {
  return readFileSync(file, 'utf8').split(text).length - 1;
}
