import type { ExchangeNode, SdkNode } from '../node.ts';
import { describesClient } from './client-span.ts';

/**
 * Which of an SDK's CLIENT spans without header (a database, a cache) describes which exchange. Within the SDK's clock
 * step the calls of a quick succession fit each other's spans; those made one after the other under one parent are
 * assigned in order where there are as many exchanges as spans, else not at all.
 *
 * @param spans calls that describe nothing yet, in the order they were exported
 * @param fitting the exchanges a span may describe
 */
export function matchCalls(
  spans: readonly SdkNode[],
  fitting: (span: SdkNode) => readonly ExchangeNode[],
): [span: SdkNode, exchange: ExchangeNode][] {
  if (spans.length === 0) return [];
  const exported = new Map(spans.map((span, i) => [span, i]));
  const owners = new Map<ExchangeNode, Run>();
  const runs = new Set<Run>();
  for (const span of spans) {
    const exchanges = fitting(span);
    if (exchanges.length === 0) continue;
    let run: Run = { spans: [span], exchanges: new Set(exchanges) };
    for (const exchange of exchanges) {
      const other = owners.get(exchange);
      if (other && other !== run && runs.delete(other)) run = merge(other, run, owners);
    }
    for (const exchange of exchanges) owners.set(exchange, run);
    runs.add(run);
  }
  return [...runs].flatMap((run) => assign(run, exported));
}

/** Spans that compete for the same exchanges. */
interface Run {
  readonly spans: SdkNode[];
  readonly exchanges: Set<ExchangeNode>;
}

function merge(into: Run, from: Run, owners: Map<ExchangeNode, Run>): Run {
  into.spans.push(...from.spans);
  for (const exchange of from.exchanges) {
    into.exchanges.add(exchange);
    owners.set(exchange, into);
  }
  return into;
}

function assign(
  { spans, exchanges }: Run,
  exported: ReadonlyMap<SdkNode, number>,
): [SdkNode, ExchangeNode][] {
  if (spans.length !== exchanges.size) return [];
  const [first] = spans;
  if (spans.some((span) => span.traceId !== first!.traceId || span.parentSpanId !== first!.parentSpanId))
    return [];
  // Starts cut to the same millisecond leave the order of export, which is that of the ends.
  const ordered = [...spans].sort((a, b) => a.start - b.start || exported.get(a)! - exported.get(b)!);
  const inOrder = [...exchanges].sort((a, b) => a.start - b.start);
  const pairs = ordered.map((span, i): [SdkNode, ExchangeNode] => [span, inOrder[i]!]);
  return pairs.every(([span, exchange]) => describesClient(span, exchange)) ? pairs : [];
}
