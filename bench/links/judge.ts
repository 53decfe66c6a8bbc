import type { Exchange } from '../../src/receiver/ebpf/exchange.ts';
import { isBackground, requestOf } from './label.ts';
import type { Replayed } from './replay.ts';
import { type Answer, spanloomLinks } from './spanloom-links.ts';

/** How one linker did on the calls that the programs recorded. */
export interface Tally {
  /** By the programs' records; those that belong to no request included. */
  readonly calls: number;
  /** Linked to the request that caused it; a call that belongs to no request: not linked. */
  readonly right: number;
  readonly wrong: number;
  /** Neither. */
  readonly missing: number;
  /** Of these: the linker said that it can not tell. */
  readonly ambiguous: number;
  /** Of these: the capture has no such call. */
  readonly notSeen: number;
  /** Of all calls: those that belong to no request. */
  readonly background: number;
  /** Of the right ones: those that belong to no request and were left alone. */
  readonly leftAlone: number;
}

export interface Verdicts {
  readonly spanloom: Tally;
  readonly firstEgress: Tally;
  readonly timeOnly: Tally;
  /** Calls of this run that the capture shows and no program recorded. */
  readonly unrecorded: number;
  /** Calls for requests whose trace no SDK keeps; they are in none of the tallies. */
  readonly sampledOut: number;
  /** Of these: calls that have a span all the same. */
  readonly shownSampledOut: number;
  /** How many calls each kind of evidence linked. */
  readonly evidence: Readonly<Record<string, number>>;
}

type Verdict = 'wrong' | 'right' | 'ambiguous' | 'unlinked';
/** Where the capture shows more calls than were recorded, the worst of them are counted. */
const WORST_FIRST: readonly Verdict[] = ['wrong', 'ambiguous', 'unlinked', 'right'];

/**
 * Compares links with the truth. `recordedCalls` are the labels of the calls that the programs recorded, one for each call;
 * `sampledOut` those of them whose trace no SDK keeps.
 */
export function judge(
  replayed: Replayed,
  recordedCalls: readonly string[],
  sampledOut: readonly string[] = [],
): Verdicts {
  const labelOf = labelsOf(replayed);
  const left = new Set(sampledOut);
  const calls = recordedCalls.filter((label) => !left.has(label));
  const recorded = count(calls);
  const seen = new Map<string, Exchange[]>();
  for (const exchange of replayed.exchanges) {
    const label = exchange.side === 'client' ? labelOf.get(exchange) : undefined;
    if (label === undefined) continue;
    const list = seen.get(label);
    if (list) list.push(exchange);
    else seen.set(label, [exchange]);
  }
  let unrecorded = 0;
  for (const [label, { length }] of seen)
    if (isOfRun(label) && !left.has(label)) unrecorded += Math.max(0, length - (recorded.get(label) ?? 0));

  const tally = (answer: (call: Exchange) => Answer): Tally => {
    const sums = { wrong: 0, right: 0, ambiguous: 0, unlinked: 0 };
    let notSeen = 0;
    let background = 0;
    let leftAlone = 0;
    for (const [label, wanted] of recorded) {
      const verdicts = (seen.get(label) ?? []).map((call) => verdict(call, label, answer(call), labelOf));
      verdicts.sort((a, b) => WORST_FIRST.indexOf(a) - WORST_FIRST.indexOf(b));
      for (const one of verdicts.slice(0, wanted)) sums[one]++;
      notSeen += Math.max(0, wanted - verdicts.length);
      if (!isBackground(label)) continue;
      background += wanted;
      leftAlone += verdicts.slice(0, wanted).filter((one) => one === 'right').length;
    }
    const { wrong, right, ambiguous } = sums;
    const missing = calls.length - right - wrong;
    return { calls: calls.length, right, wrong, missing, ambiguous, notSeen, background, leftAlone };
  };

  const spanloom = spanloomLinks(replayed);
  const evidence: Record<string, number> = {};
  for (const [label, exchanges] of seen)
    if (recorded.has(label))
      for (const call of exchanges) {
        const kind = spanloom.evidence(call);
        if (kind !== undefined) evidence[kind] = (evidence[kind] ?? 0) + 1;
      }
  return {
    spanloom: tally(spanloom.answer),
    firstEgress: tally((call) => replayed.firstEgress.get(call)),
    timeOnly: tally((call) => replayed.timeOnly.get(call)),
    unrecorded,
    sampledOut: recordedCalls.length - calls.length,
    shownSampledOut: [...left].flatMap((label) => seen.get(label) ?? []).filter(spanloom.isShown).length,
    evidence,
  };
}

/** Not one that was sent before the capture, and not one of a background job, which goes on before and after. */
function isOfRun(label: string): boolean {
  return /^LBL-\d/.test(label);
}

function verdict(
  call: Exchange,
  label: string,
  answer: Answer,
  labelOf: ReadonlyMap<Exchange, string>,
): Verdict {
  if (answer === 'ambiguous') return isBackground(label) ? 'right' : 'ambiguous';
  if (answer === undefined) return isBackground(label) ? 'right' : 'unlinked';
  const cause = labelOf.get(answer);
  return answer.process === call.process && cause !== undefined && requestOf(cause) === requestOf(label)
    ? 'right'
    : 'wrong';
}

/** What a recording shows. */
export type Seen = Pick<Replayed, 'exchanges' | 'places'>;

/** The label of every exchange that has one. */
export function labelsOf({ exchanges, places }: Seen): Map<Exchange, string> {
  const ofConnection = new Map<number, Exchange[]>();
  for (const exchange of exchanges) {
    const { cookie } = exchange.connection.socket;
    const list = ofConnection.get(cookie);
    if (list) list.push(exchange);
    else ofConnection.set(cookie, [exchange]);
  }
  const result = new Map<Exchange, string>();
  for (const list of ofConnection.values()) {
    list.sort((a, b) => a.position - b.position);
    list.forEach((exchange, i) => {
      const label = places.of(exchange, list[i + 1]?.position ?? Number.POSITIVE_INFINITY);
      if (label !== undefined) result.set(exchange, label);
    });
  }
  return result;
}

function count(calls: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const label of calls) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}
