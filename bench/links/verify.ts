import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import { spanIdOf } from '../../src/correlate/identity.ts';
import { EVIDENCE } from '../../src/correlate/link/rule.ts';
import type { ExchangeNode } from '../../src/correlate/node.ts';
import type { Judgement } from '../../src/correlate/verify/track-record.ts';
import { TELLS } from '../../src/correlate/verify/true-cause.ts';
import type { Verified } from '../../src/correlate/verify/verify.ts';
import type { Share } from './bars.ts';
import { labelsOf } from './judge.ts';
import { requestOf } from './label.ts';
import type { Recorded } from './measure.ts';
import { type Replayed, replayLinks } from './replay.ts';

export type Counts = Readonly<Record<Judgement, number>>;

/** One kind of evidence in one service: what `verify` counted, and what the labels say of the same calls. */
export interface VerifyRow {
  readonly service: string;
  readonly evidence: Verified;
  readonly verify: Counts;
  readonly labels: Counts;
}

export interface Verification {
  readonly rows: readonly VerifyRow[];
  /** Calls judged whose cause, as the wire or an SDK told it, is not that of their label. */
  readonly mistaken: number;
}

/** A call that `verify` judged; exchanges of different replays have the same span id. */
interface Judged {
  readonly spanId: string;
  readonly service: string;
  readonly evidence: Verified;
  readonly judgement: Judgement;
  readonly truth: string;
}

/**
 * Whether `verify` is to be believed. It compares evidence with what the wire and SDKs tell; here the same evidence is compared
 * with the labels, over the same calls. For that the recording is replayed with everything that tells switched off: once
 * with all other evidence, and once with each kind alone.
 */
export async function measureVerify({ file, correlate = {} }: Recorded): Promise<Verification> {
  const judged: Judged[] = [];
  const replayed = await replayLinks({
    file,
    // With the bar at 0 nothing goes off, and all that is said is compared.
    correlate: { ...correlate, verify: { sample: 1, bar: 0 } },
    observer: {
      verified: (client, truth, evidence, judgement) =>
        judged.push({
          spanId: client.spanId,
          service: serviceOf(client),
          evidence,
          judgement,
          truth: truth.spanId,
        }),
    },
  });
  const labelOf = labelsBySpan(replayed);
  const causes = new Map<Verified, ReadonlyMap<string, string>>();
  for (const evidence of new Set(judged.map((one) => one.evidence)))
    causes.set(evidence, await causesBy(evidence, file, correlate));

  const rows = new Map<string, { row: VerifyRow; verify: Tally; labels: Tally }>();
  let mistaken = 0;
  for (const { spanId, service, evidence, judgement, truth } of judged) {
    const belongs = (cause: string) => sameRequest(labelOf.get(cause), labelOf.get(spanId));
    if (evidence === 'all' && !belongs(truth)) mistaken++;
    const key = `${service} ${evidence}`;
    const verify = rows.get(key)?.verify ?? noTally();
    const labels = rows.get(key)?.labels ?? noTally();
    rows.set(key, { row: { service, evidence, verify, labels }, verify, labels });
    const cause = causes.get(evidence)!.get(spanId);
    verify[judgement]++;
    labels[cause === undefined ? 'missing' : belongs(cause) ? 'right' : 'wrong']++;
  }
  return { rows: [...rows.values()].map(({ row }) => row).sort(byService), mistaken };
}

/** How much of what was said is right. */
export function precisionOf({ right, wrong }: Counts): Share {
  return { hits: right, total: right + wrong };
}

/** How much of what was to be found was found. */
export function recallOf({ right, wrong, missing }: Counts): Share {
  return { hits: right, total: right + wrong + missing };
}

type Tally = Record<Judgement, number>;

function noTally(): Tally {
  return { right: 0, wrong: 0, missing: 0 };
}

/** What this kind of evidence names by itself (`all`: those together that `verify` is about), by span id. */
async function causesBy(
  evidence: Verified,
  file: string,
  correlate: Readonly<Record<string, unknown>>,
): Promise<ReadonlyMap<string, string>> {
  const causes = new Map<string, string>();
  const isOn = (kind: (typeof EVIDENCE)[number]) =>
    evidence === 'all' ? !TELLS.has(kind) : kind === evidence;
  await replayLinks({
    file,
    correlate: {
      ...correlate,
      verify: { sample: 0 },
      evidence: Object.fromEntries(EVIDENCE.map((kind) => [kind, isOn(kind)])),
    },
    observer: {
      // That the wire puts the two in different traces is what the wire tells.
      linking: (client, cause, _, outcome) => {
        const named = outcome === 'linked' || outcome === 'different_traces' || outcome === 'both_left';
        if (named && !causes.has(client.spanId)) causes.set(client.spanId, cause.spanId);
      },
    },
  });
  return causes;
}

function labelsBySpan(replayed: Replayed): ReadonlyMap<string, string> {
  return new Map([...labelsOf(replayed)].map(([exchange, label]) => [spanIdOf(exchange), label]));
}

function sameRequest(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && requestOf(a) === requestOf(b);
}

function serviceOf({ exchange }: ExchangeNode): string {
  return String(exchange.process.facts.resource.find(([key]) => key === ATTR_SERVICE_NAME)?.[1] ?? '');
}

function byService(a: VerifyRow, b: VerifyRow): number {
  return a.service === b.service ? (a.evidence < b.evidence ? -1 : 1) : a.service < b.service ? -1 : 1;
}
