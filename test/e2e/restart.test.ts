import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LedgerRecord } from '../../examples/shop/ledger.ts';
import { makeWorkDir, removeWorkDir } from '../../examples/shop/run/work-dir.ts';
import { Random } from '../correlate/random.ts';
import type { Merge } from '../support/expected-merge.ts';
import type { Span } from '../support/otlp-json.ts';
import {
  besideStraddling,
  danglingParents,
  deliveredTo,
  duplicates,
  inTime,
  orderProblems,
  ordersWithin,
  wrongs,
} from './restart/exact-orders.ts';
import { restartPlan } from './restart/plan.ts';
import { relayProblems, relaysDelivered, relaysInTime } from './restart/relayed.ts';
import { HOLDS, type RestartRun, runRestarts } from './restart/restart-run.ts';
import type { Life } from './restart/restarted-spanloom.ts';
import { install, missingFor } from './sdks/languages.ts';

const seed = Number(process.env.SPANLOOM_RESTART_SEED ?? Date.now() % 1_000_000);
const count = Number(process.env.SPANLOOM_RESTARTS ?? 3);

const COMBINATIONS: readonly Merge[] = [
  { overlap: 'enrich', trace_conflict: 'rewrite' },
  { overlap: 'enrich', trace_conflict: 'link' },
  { overlap: 'nest', trace_conflict: 'rewrite' },
  { overlap: 'nest', trace_conflict: 'link' },
];
/** One restart of each kind leaves exporters the time to deliver; at random moments they may find nobody for long. */
const lateIsPossible = count !== 3;
const MINUTES = 60_000;
/** How long an SDK's exporter goes on trying to send what nobody took. */
const SDK_RETRIES_MS = 12_000;

const languages = (['go', 'java'] as const).filter((language) => missingFor(language) === undefined);
const without = (['go', 'java'] as const).flatMap((language) => missingFor(language) ?? []);

/** Exchanges of which only a part was seen, as counted until the end of this life's process. */
function incomplete({ counts }: Life, reason: string): number {
  const key = Object.keys(counts).find(
    (name) => name.startsWith('spanloom_ebpf_incomplete_exchanges') && name.includes(`reason=${reason}`),
  );
  return key === undefined ? 0 : counts[key]!;
}

/** What one export carries lies no further apart. */
const EXPORT_GAP_NANO = 1_500_000_000n;

/** In how many runs without a gap these records were written: no more than exports carried their spans. */
function runsOf(records: readonly LedgerRecord[]): number {
  const ends = records.map(({ endUnixNano }) => BigInt(endUnixNano)).sort((a, b) => (a < b ? -1 : 1));
  return ends.filter((end, i) => i === 0 || end - ends[i - 1]! > EXPORT_GAP_NANO).length;
}

const isIncomplete = ({ attributes }: Span) => attributes['spanloom.incomplete'] === 'shutdown';

describe.each(COMBINATIONS)(
  `Spanloom restarted ${count} times while the shop and SDK services work (SPANLOOM_RESTART_SEED=${seed}${without.length > 0 ? `; ${without.join('; ')}` : ''}), overlap: $overlap, trace_conflict: $trace_conflict`,
  (merge) => {
    const workDir = makeWorkDir();
    const random = new Random(seed + COMBINATIONS.indexOf(merge));
    const restarts = restartPlan(random, count);
    let run: RestartRun;

    beforeAll(
      async () => {
        for (const language of languages) install(language);
        run = await runRestarts({ workDir, merge, restarts, languages });
      },
      5 * MINUTES + (count * MINUTES) / 2,
    );
    afterAll(() => removeWorkDir(workDir));

    it('was watched by another one all the time, which saw every exchange', () => {
      expect(run.ids.problems).toEqual([]);
    });

    it('tells each order not in flight or held at a restart as the tree that the programs recorded', () => {
      const { lives, orders, straddling, ledger, ids } = run;
      const besides = besideStraddling(orders, straddling);
      const counted = lives.map((life) => {
        const delivered = deliveredTo(life, ledger, ordersWithin(life, orders, HOLDS));
        const whole = lateIsPossible ? inTime(life, ledger, delivered, ids) : delivered;
        const labels = whole.filter((label) => !besides.has(label));
        const beside = whole.filter((label) => besides.has(label));
        expect(wrongs(orderProblems(life.spans, ledger, beside, ids, merge))).toEqual([]);
        const problems = orderProblems(life.spans, ledger, labels, ids, merge);
        expect(problems, `${life.endedBy}: ${problems.slice(-3).join('\n\n')}`).toEqual([]);
        return labels.length;
      });
      console.log(`exact orders in each life: ${counted.join(', ')} of ${orders.length}`);
      expect(Math.max(...counted)).toBeGreaterThan(0);
    });

    it.runIf(languages.length > 0)('tells each request to the SDK services the same way', () => {
      const { lives, relayed } = run;
      const counted = lives.map((life) => {
        const delivered = relaysDelivered(life.spans, ordersWithin(life, relayed, HOLDS));
        const labels = lateIsPossible ? relaysInTime(life.spans, delivered) : delivered;
        expect(relayProblems(life.spans, labels, merge)).toEqual([]);
        return labels.length;
      });
      console.log(`exact requests to SDK services: ${counted.join(', ')} of ${relayed.length}`);
      expect(Math.max(...counted)).toBeGreaterThan(0);
    });

    it('gives every zero-code span the id that it has for who watched all the time', () => {
      const key = ({ spanId, kind, attributes }: Span) =>
        `${spanId} ${kind} ${attributes['network.local.port']}-${attributes['network.peer.port']}`;
      const known = new Set(run.watched.map(key));
      const zeroCode = run.output.filter(({ scope }) => scope === 'spanloom');
      expect(zeroCode.filter((span) => !known.has(key(span)))).toEqual([]);
    });

    it('loses no span of an SDK but what a killed process held, and what the SDK gave up', () => {
      const { lives, orders, straddling, ledger, output, givenUp } = run;
      const came = new Set(output.map(({ spanId }) => spanId));
      const all = [...orders, ...straddling.map(({ order }) => order)];
      const mayBeLost = new Set<string>();
      for (const [i, { endedBy, signalledAt }] of lives.entries()) {
        if (endedBy !== 'SIGKILL') continue;
        const held = signalledAt - HOLDS.sdkSpans - HOLDS.release - SDK_RETRIES_MS;
        for (const { label, answeredAt } of all)
          if (answeredAt > held && answeredAt < lives[i + 1]!.readyAt) mayBeLost.add(label);
        mayBeLost.add(straddling[i]!.order.label);
      }
      const lost = ledger.filter(({ spanId, label }) => spanId && !came.has(spanId) && !mayBeLost.has(label));
      for (const service of new Set(lost.map((record) => record.service))) {
        const own = lost.filter((record) => record.service === service);
        expect(runsOf(own), `exports of ${service} lost: ${own[0]!.label} …`).toBeLessThanOrEqual(
          givenUp[service] ?? 0,
        );
      }
    });

    it('gives no span id twice and names no parent that is nowhere', () => {
      const { output, ledger } = run;
      expect(duplicates(output)).toEqual([]);
      const shown = new Set(output.map(({ spanId }) => spanId));
      expect(danglingParents(output, shown, ledger)).toEqual([]);
    });

    it.each(restarts.map(({ signal }, i) => [i + 1, signal] as const))(
      'shows what is in flight at restart %i (%s) at most as far as it was seen, and goes on with the connection',
      (number, signal) => {
        const i = number - 1;
        const { lives, straddling, ledger, ids } = run;
        const { order, next } = straddling[i]!;
        const shownIn = (label: string) => {
          const record = ledger.find(
            (record) => record.label === label && record.service === 'nginx' && record.kind === 'server',
          )!;
          return lives.map(({ spans }) =>
            spans
              .filter(({ spanId }) => spanId === ids.of(record))
              .map(({ attributes }) => attributes['spanloom.incomplete']),
          );
        };
        const shown = shownIn(order.label);
        expect(shown[i]).toEqual(signal === 'SIGKILL' ? [] : ['shutdown']);
        expect(shown.flat()).toEqual(shown[i]);
        const tooShort = ordersWithin(lives[number]!, [next], HOLDS).length === 0;
        if (count === 3) expect(tooShort).toBe(false);
        if (!tooShort) expect(shownIn(next.label)[number]).toEqual([undefined]);
      },
    );

    it('counts what is in flight when it ends, and when it starts', () => {
      // A process goes on counting at SIGHUP, and tells nothing when it is killed.
      const { lives } = run;
      let shown = 0;
      let begunBefore = 0;
      let told = 0;
      for (const [i, life] of lives.entries()) {
        shown += life.spans.filter(isIncomplete).length;
        if (i > 0) begunBefore++;
        if (life.endedBy === 'SIGHUP') continue;
        if (life.endedBy === 'SIGTERM') {
          expect(incomplete(life, 'shutdown')).toBeGreaterThanOrEqual(shown);
          expect(incomplete(life, 'begun_before_capture')).toBeGreaterThanOrEqual(begunBefore);
          told++;
        }
        shown = 0;
        begunBefore = 0;
      }
      expect(told).toBeGreaterThanOrEqual(1);
    });
  },
);
