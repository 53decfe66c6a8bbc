import { readContext } from '../../../src/correlate/context.ts';
import { spanIdOf } from '../../../src/correlate/identity.ts';
import type { Exchange } from '../../../src/receiver/ebpf/exchange.ts';
import type { Span } from '../../../test/support/otlp-json.ts';
import type { FarHost } from '../case.ts';
import { labelsOf, type Seen, type Tally, type Verdicts } from '../judge.ts';

export interface Hosts {
  /** What the recordings of the caller's and the callee's host show. */
  readonly near: Seen;
  readonly far: Seen;
  /** What came out on both. */
  readonly spans: readonly Span[];
  readonly right: FarHost['right'];
}

type Verdict = 'right' | 'wrong' | 'missing';

const NOTHING: Tally = {
  calls: 0,
  right: 0,
  wrong: 0,
  missing: 0,
  ambiguous: 0,
  notSeen: 0,
  background: 0,
  leftAlone: 0,
};

/**
 * Compares links across hosts with the truth: for each call that the caller recorded, where the request of that label hangs
 * on the other host. `calls` are the labels, each once.
 */
export function judgeHosts(hosts: Hosts, calls: readonly string[]): Verdicts {
  const callers = byLabel(hosts.near, 'client');
  const callees = byLabel(hosts.far, 'server');
  const spanOf = new Map(hosts.spans.map((span) => [span.spanId, span]));
  const traces = tracesOf(hosts.near, spanOf);
  const sums = { right: 0, wrong: 0, missing: 0 };
  const evidence: Record<string, number> = {};
  let notSeen = 0;
  for (const label of calls) {
    const caller = callers.get(label);
    const callee = callees.get(label);
    if (!caller || !callee) {
      notSeen++;
      sums.missing++;
      continue;
    }
    const span = spanOf.get(spanIdOf(callee));
    sums[verdict(hosts.right, callee, span, spanOf.get(spanIdOf(caller)), traces)]++;
    const kind = span?.attributes['spanloom.link.evidence'];
    if (typeof kind === 'string') evidence[kind] = (evidence[kind] ?? 0) + 1;
  }
  return {
    spanloom: { ...NOTHING, ...sums, calls: calls.length, notSeen },
    firstEgress: NOTHING,
    timeOnly: NOTHING,
    unrecorded: 0,
    sampledOut: 0,
    shownSampledOut: 0,
    evidence,
  };
}

function verdict(
  right: FarHost['right'],
  exchange: Exchange,
  callee: Span | undefined,
  caller: Span | undefined,
  traces: ReadonlySet<string>,
): Verdict {
  if (!callee || !caller) return 'missing';
  const inTrace = callee.traceId === caller.traceId;
  // It is in that of another request.
  if (!inTrace && traces.has(callee.traceId)) return 'wrong';
  if (callee.parentSpanId === '') return 'missing';
  if (callee.parentSpanId === caller.spanId) return inTrace ? 'right' : 'wrong';
  const context = readContext(exchange.request?.context);
  if (typeof context === 'string' || context.spanId !== callee.parentSpanId) return 'wrong';
  return right === 'in its trace' && inTrace ? 'right' : 'missing';
}

function byLabel(seen: Seen, side: Exchange['side']): Map<string, Exchange> {
  const result = new Map<string, Exchange>();
  for (const [exchange, label] of labelsOf(seen)) if (exchange.side === side) result.set(label, exchange);
  return result;
}

/** The traces that the caller's host shows. */
function tracesOf({ exchanges }: Seen, spanOf: ReadonlyMap<string, Span>): ReadonlySet<string> {
  const spans = exchanges.map((exchange) => spanOf.get(spanIdOf(exchange)));
  return new Set(spans.flatMap((span) => (span ? [span.traceId] : [])));
}
