import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LedgerRecord, label } from '../../examples/shop/ledger.ts';
import { freePorts } from '../../examples/shop/run/free-ports.ts';
import { sendOrders } from '../../examples/shop/run/send-orders.ts';
import { startSpanloom } from '../../examples/shop/run/spanloom.ts';
import { makeWorkDir, removeWorkDir } from '../../examples/shop/run/work-dir.ts';
import { startShop } from '../../examples/shop/shop.ts';
import { Random } from '../correlate/random.ts';
import { readSpans, type Span } from '../support/otlp-json.ts';
import { writeConfig } from '../support/spanloom-config.ts';
import { BurstLoad, Customer, type SentOrder } from './restart/burst-load.ts';
import {
  danglingParents,
  deliveredTo,
  duplicates,
  orderProblems,
  ordersWithin,
  SpanIds,
} from './restart/exact-orders.ts';
import { type Ending, type Life, RestartedSpanloom } from './restart/restarted-spanloom.ts';

/** Orders come in bursts of five. */
const CUSTOMERS = 5;
const BURST_EVERY_MS = 450;
/** How long the load goes on after the last restart. */
const LAST_LIFE_MS = 8000;
/** Each comes somewhere in a range of time after the start before it; what SIGKILL loses takes longest to tell. */
const RESTARTS: readonly (readonly [signal: Ending, fromMs: number, toMs: number])[] = [
  ['SIGHUP', 4000, 6000],
  ['SIGTERM', 8000, 10_000],
  ['SIGKILL', 17_000, 19_000],
];
const SDK_EXPORT_MS = 500;
/** The default: an SDK whose exporter found nobody listening tries again after 1, 2, 4 seconds. */
const DECISION_WAIT_MS = 10_000;
/** For what takes no time on an idle machine, and for the file exporter, which writes every second. */
const SLACK_MS = 1500;
const HOLDS = { sdkSpans: SDK_EXPORT_MS + SLACK_MS, release: DECISION_WAIT_MS + 1000 + SLACK_MS };

const seed = Number(process.env.SPANLOOM_RESTART_SEED ?? Date.now() % 1_000_000);

/** What came of one order whose first half was sent before a restart and the rest after it, and of the next one. */
interface Straddling {
  readonly label: string;
  readonly next: SentOrder;
}

/** Exchanges of which only a part was seen, as counted until the end of this life's process. */
function incomplete({ counts }: Life, reason: string): number {
  const key = Object.keys(counts).find(
    (name) => name.startsWith('spanloom_ebpf_incomplete_exchanges') && name.includes(`reason=${reason}`),
  );
  return key === undefined ? 0 : counts[key]!;
}

/** Labels of orders: those before Spanloom's first start, those of the load, and those around restarts. */
const EARLIER = { first: 9000, count: 10 };
const LOAD = { first: 0, count: 5000 };
function* labels({ first, count }: { first: number; count: number }): Generator<string> {
  for (let i = 0; i < count; i++) yield label(first + i);
}
const straddlingLabel = (restart: number) => label(8000 + 2 * restart);
const nextLabel = (restart: number) => label(8001 + 2 * restart);

describe(`Spanloom restarted while the shop works (SPANLOOM_RESTART_SEED=${seed})`, () => {
  const workDir = makeWorkDir();
  let lives: Life[];
  let orders: SentOrder[];
  let straddling: Straddling[];
  let ledger: LedgerRecord[];
  let watched: Span[];
  let ids: SpanIds;
  let output: Span[];

  beforeAll(async () => {
    const random = new Random(seed);
    const [grpc, http] = (await freePorts(2)) as [number, number];
    const shop = await startShop({
      workDir,
      otlp: { grpc: `http://127.0.0.1:${grpc}`, http: `http://127.0.0.1:${http}` },
      sdkExportDelayMs: SDK_EXPORT_MS,
    });
    const { nginx, web, stock, price } = shop.ports;
    const ebpf = { instrument: [{ open_ports: [nginx, web, stock, price].join(',') }] };
    const customers = Array.from({ length: CUSTOMERS }, () => new Customer(shop.url));
    const watchedFile = join(workDir, 'watched.jsonl');
    const spanloom = new RestartedSpanloom(workDir, {
      ebpf,
      otlp: { grpc, http },
      correlate: { decision_wait: `${DECISION_WAIT_MS}ms` },
    });
    try {
      await sendOrders(shop.url, [...labels(EARLIER)], CUSTOMERS);
      const watcher = await startSpanloom({
        configFile: writeConfig(workDir, 'watching', { ebpf, output: watchedFile }),
        logFile: join(workDir, 'watching.log'),
      });
      try {
        await spanloom.start();
        const load = new BurstLoad(customers, labels(LOAD), BURST_EVERY_MS);
        straddling = [];
        for (const [i, [signal, fromMs, toMs]] of RESTARTS.entries()) {
          await sleep(fromMs + random.below(toMs - fromMs));
          const customer = new Customer(shop.url);
          const half = customer.halfOrder(straddlingLabel(i));
          await sleep(100);
          await spanloom.restart(signal);
          await half.finish();
          straddling.push({ label: straddlingLabel(i), next: await customer.order(nextLabel(i)) });
          customer.close();
        }
        await sleep(LAST_LIFE_MS);
        orders = [...(await load.stop()), ...straddling.map(({ next }) => next)];
        await sleep(HOLDS.sdkSpans);
        await spanloom.stop('SIGTERM');
      } finally {
        await spanloom.abandon();
        await watcher.stop();
      }
    } finally {
      for (const customer of customers) customer.close();
      await shop.stop();
    }
    lives = spanloom.lives();
    ledger = shop.ledger().filter((record) => record.label < label(EARLIER.first));
    watched = readSpans(watchedFile);
    ids = new SpanIds(watched, ledger);
    output = lives.flatMap(({ spans }) => spans);
  });
  afterAll(() => removeWorkDir(workDir));

  it('was watched by another one all the time, which saw every exchange', () => {
    expect(ids.problems).toEqual([]);
  });

  it('tells each order not in flight or held at a restart as one trace with the tree that the programs recorded', () => {
    const counted = lives.map((life) => {
      const labels = deliveredTo(life, ledger, ordersWithin(life, orders, HOLDS));
      expect(labels.length).toBeGreaterThan(0);
      const problems = orderProblems(life.spans, ledger, labels, ids);
      expect(problems, `${life.endedBy}: ${problems.slice(-3).join('\n\n')}`).toEqual([]);
      return labels.length;
    });
    console.log(`exact orders in each life: ${counted.join(', ')} of ${orders.length}`);
  });

  it('gives every zero-code span the id that it has for who watched all the time', () => {
    const key = ({ spanId, kind, attributes }: Span) =>
      `${spanId} ${kind} ${attributes['network.local.port']}-${attributes['network.peer.port']}`;
    const known = new Set(watched.map(key));
    expect(
      output
        .filter(({ scope }) => scope === 'spanloom')
        .map(key)
        .filter((k) => !known.has(k)),
    ).toEqual([]);
  });

  it('loses no span of an SDK but what a killed process held', () => {
    const came = new Set(output.map(({ spanId }) => spanId));
    const killed = lives.findIndex(({ endedBy }) => endedBy === 'SIGKILL');
    const held = lives[killed]!.signalledAt - HOLDS.sdkSpans - HOLDS.release;
    const lossy = orders.filter(
      ({ answeredAt }) => answeredAt > held && answeredAt < lives[killed + 1]!.readyAt,
    );
    const mayBeLost = new Set([straddling[killed]!.label, ...lossy.map(({ label }) => label)]);
    const lost = ledger.filter(({ spanId, label }) => spanId && !came.has(spanId) && !mayBeLost.has(label));
    expect(lost).toEqual([]);
  });

  it('gives no span id twice and names no parent that is nowhere', () => {
    expect(duplicates(output)).toEqual([]);
    const shown = new Set(output.map(({ spanId }) => spanId));
    expect(danglingParents(output, shown, ledger)).toEqual([]);
  });

  it.each(RESTARTS.map(([signal], i) => [signal, i] as const))(
    'shows what is in flight at %s at most as far as it was seen, and goes on with the connection',
    (signal, i) => {
      const record = ledger.find(
        ({ label, service, kind }) =>
          label === straddling[i]!.label && service === 'nginx' && kind === 'server',
      )!;
      const shown = lives.map(({ spans }) =>
        spans
          .filter(({ spanId }) => spanId === ids.of(record))
          .map(({ attributes }) => attributes['spanloom.incomplete']),
      );
      expect(shown[i]).toEqual(signal === 'SIGKILL' ? [] : ['shutdown']);
      expect(shown.flat()).toEqual(shown[i]);
      expect(ordersWithin(lives[i + 1]!, [straddling[i]!.next], HOLDS)).toHaveLength(1);
    },
  );

  it('counts what is in flight when it ends, and when it starts', () => {
    // SIGHUP goes on counting; a killed process tells nothing.
    const [, terminated, , last] = lives as [Life, Life, Life, Life];
    const shown = output.filter(({ attributes }) => attributes['spanloom.incomplete'] === 'shutdown').length;
    expect(shown).toBeGreaterThanOrEqual(2);
    expect(incomplete(terminated, 'shutdown') + incomplete(last, 'shutdown')).toBeGreaterThanOrEqual(shown);
    for (const life of [terminated, last])
      expect(incomplete(life, 'begun_before_capture')).toBeGreaterThanOrEqual(1);
  });
});
