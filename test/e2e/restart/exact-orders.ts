import type { LedgerRecord } from '../../../examples/shop/ledger.ts';
import { treeProblems } from '../../support/compare-trees.ts';
import { everyExchange, type Merge } from '../../support/expected-merge.ts';
import { groupBy } from '../../support/expected-tree.ts';
import { identify } from '../../support/identify.ts';
import type { Span } from '../../support/otlp-json.ts';
import type { SentOrder } from './burst-load.ts';
import type { Straddling } from './restart-run.ts';
import type { Life } from './restarted-spanloom.ts';

/** How long after its end an order's trace may still be on its way into the output, in milliseconds. */
export interface Holds {
  /** Until its SDK spans have come. */
  readonly sdkSpans: number;
  /** From then on until it is written. */
  readonly release: number;
}

/**
 * The orders of which a life has to tell everything: sent after it was ready, and answered so long before its end that
 * the SDKs had sent their spans. What SIGTERM and SIGHUP find held is released as it stands; after SIGKILL it is lost.
 */
export function ordersWithin(
  { readyAt, signalledAt, endedBy }: Life,
  orders: readonly SentOrder[],
  holds: Holds,
) {
  const hold = holds.sdkSpans + (endedBy === 'SIGKILL' ? holds.release : 0);
  return orders
    .filter(({ sentAt, answeredAt }) => sentAt > readyAt && answeredAt + hold < signalledAt)
    .map(({ label }) => label);
}

/**
 * Those of them that were under way beside the rest of an order whose beginning nobody saw: where a server has both at once,
 * which of its calls is for which need not be known.
 */
export function besideStraddling(
  orders: readonly SentOrder[],
  straddling: readonly Straddling[],
): Set<string> {
  const beside = ({ sentAt, answeredAt }: SentOrder) =>
    straddling.some(({ order, restSentAt }) => sentAt <= order.answeredAt && answeredAt >= restSentAt);
  return new Set(orders.filter(beside).map(({ label }) => label));
}

/** What is not only missing: spans under what did not cause them, and traces with spans of other orders. */
export function wrongs(problems: readonly string[]): string[] {
  return problems.filter((problem) => / is under (?!nothing)| share trace |no record explains/.test(problem));
}

/** Those of them whose SDK spans all came to this life: exporters that found nobody listening hold theirs back for a while. */
export function deliveredTo(
  { spans }: Life,
  ledger: readonly LedgerRecord[],
  labels: readonly string[],
): string[] {
  const came = new Set(spans.map(({ spanId }) => spanId));
  const waiting = ledger.filter(({ spanId }) => spanId !== undefined && !came.has(spanId));
  const incomplete = new Set(waiting.map(({ label }) => label));
  return labels.filter((label) => !incomplete.has(label));
}

/**
 * Whether an SDK's span was written after all zero-code spans of its request. An exporter that found nobody listening again
 * and again sends later than a trace is held; its spans are fitted to what has left.
 */
export function cameLate(spans: readonly Span[]): boolean {
  const lastOf = (own: readonly Span[]) => Math.max(...own.map(({ request }) => request!));
  const isZeroCode = ({ scope }: Span) => scope === 'spanloom';
  return lastOf(spans.filter((span) => !isZeroCode(span))) > lastOf(spans.filter(isZeroCode));
}

/** Those of the orders of which no SDK's span came late. */
export function inTime(
  { spans }: Life,
  ledger: readonly LedgerRecord[],
  labels: readonly string[],
  ids: SpanIds,
): string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const byLabel = groupBy(ledger, ({ label }) => label);
  return labels.filter((label) => {
    const own = (byLabel.get(label) ?? []).map((record) => byId.get(ids.of(record)));
    return !cameLate(own.filter((span) => span !== undefined));
  });
}

/** The id that each record's span has to have, by a Spanloom that watched all the time. */
export class SpanIds {
  readonly problems: readonly string[];
  readonly #byRecord: ReadonlyMap<LedgerRecord, Span>;

  constructor(watched: readonly Span[], ledger: readonly LedgerRecord[]) {
    const found = identify(watched, everyExchange(ledger));
    this.problems = found.problems;
    this.#byRecord = found.spanOf;
  }

  of(record: LedgerRecord): string {
    const id = record.spanId ?? this.#byRecord.get(record)?.spanId;
    if (id === undefined) throw new Error(`no span of ${record.service} for ${record.label} was ever seen`);
    return id;
  }
}

/** What is wrong with the traces that these orders' spans are in. */
export function orderProblems(
  spans: readonly Span[],
  ledger: readonly LedgerRecord[],
  labels: readonly string[],
  ids: SpanIds,
  merge: Merge,
): string[] {
  const wanted = new Set(labels);
  const own = new Set(ledger.filter((record) => wanted.has(record.label)).map((record) => ids.of(record)));
  const traces = new Set(spans.filter((span) => own.has(span.spanId)).map((span) => span.traceId));
  return treeProblems(
    spans.filter((span) => traces.has(span.traceId)),
    ledger.filter((record) => wanted.has(record.label)),
    labels,
    merge,
  );
}

/**
 * Parents that nobody shows, but for those that came over the wire: ids of SDK spans that the programs recorded, and what
 * only a header or an SDK said, of programs that record nothing.
 */
export function danglingParents(
  spans: readonly Span[],
  shown: ReadonlySet<string>,
  ledger: readonly LedgerRecord[],
): string[] {
  const sdkIds = new Set(ledger.map((record) => record.spanId));
  const recording = new Set(ledger.map((record) => record.service));
  const onTheWire = ({ parentSpanId, resource, attributes }: Span) =>
    sdkIds.has(parentSpanId) ||
    (!recording.has(String(resource['service.name'])) &&
      [undefined, 'wire_context'].includes(attributes['spanloom.link.evidence'] as string | undefined));
  return spans
    .filter((span) => span.parentSpanId !== '' && !shown.has(span.parentSpanId) && !onTheWire(span))
    .map((span) => `"${span.name}" ${span.spanId} is under ${span.parentSpanId}, which is nowhere`);
}

export function duplicates(spans: readonly Span[]): string[] {
  const seen = new Set<string>();
  return spans
    .filter(({ spanId }) => seen.size === seen.add(spanId).size)
    .map((span) => `"${span.name}" ${span.spanId} twice`);
}
