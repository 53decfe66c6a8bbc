import type { SpanNode } from './forest.ts';

/** A stretch of time, in nanoseconds of Unix time. */
export interface Interval {
  readonly start: bigint;
  readonly end: bigint;
}

export function intervalOf({ span }: SpanNode): Interval {
  return { start: BigInt(span.startTimeUnixNano ?? 0), end: BigInt(span.endTimeUnixNano ?? 0) };
}

/** From the first start to the last end; `nodes` is not empty. */
export function extentOf(nodes: readonly SpanNode[]): Interval {
  let { start, end } = intervalOf(nodes[0]!);
  for (const node of nodes) {
    const one = intervalOf(node);
    if (one.start < start) start = one.start;
    if (one.end > end) end = one.end;
  }
  return { start, end };
}

/** Nanoseconds. */
export function lengthOf({ start, end }: Interval): number {
  return Number(end - start);
}
