import type { Held } from './agent.ts';
import { type Sum, total } from './sums.ts';

const MIB = 2 ** 20;
/** What one idle moment may differ from another without anything having leaked. */
const HEAP_SLACK = { bytes: 6 * MIB, share: 0.1 };
const RSS_SLACK = { bytes: 24 * MIB, share: 0.15 };
/** SDKs open and close connections to the receivers as they like. */
const SOCKET_SLACK = 8;
/** A reason or a kind of evidence is a series from its first occurrence on; there is a fixed number of them. */
const SERIES_SLACK = 16;

/**
 * What grew from one idle moment to a later one, and which sums are wrong; a sentence each.
 *
 * @param idle what was held each time that nothing was going on; the first is for warming up
 */
export function complaints(idle: readonly Held[], sums: readonly Sum[]): string[] {
  const found = sums
    .filter((sum) => sum.seen !== total(sum))
    .map((sum) => {
      const parts = Object.entries(sum.parts).map(([name, value]) => `${value} ${name}`);
      return `${sum.what}: ${sum.seen} are not ${parts.join(' + ')} = ${total(sum)}`;
    });
  const [before, after] = [idle[1], idle.at(-1)];
  if (!before || !after || before === after)
    return [...found, 'too few cycles to tell whether anything grows'];
  const bytes = [
    ['the heap', before.heap, after.heap, HEAP_SLACK],
    ['memory outside of the heap', before.external, after.external, HEAP_SLACK],
    ['resident memory', before.rss, after.rss, RSS_SLACK],
  ] as const;
  for (const [what, from, to, { bytes: slack, share }] of bytes)
    if (to > from + Math.max(slack, from * share))
      found.push(`${what} grew from ${mib(from)} to ${mib(to)} MiB between two idle moments`);
  found.push(
    ...grown('descriptors', before.descriptors, after.descriptors, { socket: SOCKET_SLACK }),
    ...grown('entries in BPF map', before.mapEntries, after.mapEntries),
  );
  if (after.counters.length > before.counters.length + SERIES_SLACK)
    found.push(`${after.counters.length - before.counters.length} more series are counted than before`);
  return found;
}

function grown(
  what: string,
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
  slack: Readonly<Record<string, number>> = {},
): string[] {
  return Object.entries(after)
    .filter(([kind, count]) => count > (before[kind] ?? 0) + (slack[kind] ?? 0))
    .map(
      ([kind, count]) =>
        `${what} ${kind} grew from ${before[kind] ?? 0} to ${count} between two idle moments`,
    );
}

export function mib(bytes: number): string {
  return (bytes / MIB).toFixed(1);
}
