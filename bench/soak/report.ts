import { number, table } from '../common/page.ts';
import type { Held } from './agent.ts';
import type { Done } from './connections.ts';
import type { Posted } from './spans.ts';
import { type Sum, total } from './sums.ts';
import { mib } from './verdict.ts';

/** The end of one cycle, when nothing is going on. */
export interface Moment {
  readonly minutes: number;
  readonly held: Held;
  /** The most resident memory while the load was on, bytes. */
  readonly peakRss: number;
  readonly done: Done;
  readonly posted: Posted;
}

export function idleTable(moments: readonly Moment[]): string {
  const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((a, b) => a + b, 0);
  return table(
    [
      'minutes',
      'orders',
      'connections opened',
      'processes forked',
      'spans sent',
      'RSS at most, MiB',
      'RSS idle, MiB',
      'heap idle, MiB',
      'buffers idle, MiB',
      'descriptors (of them sockets)',
      'BPF map entries',
    ],
    moments.map(({ minutes, held, peakRss, done, posted }) => [
      minutes.toFixed(1),
      number(done.orders),
      number(done.opened),
      number(done.forked),
      number(posted.spans),
      mib(peakRss),
      mib(held.rss),
      mib(held.heap),
      mib(held.external),
      `${sum(held.descriptors)} (${held.descriptors.socket ?? 0})`,
      String(sum(held.mapEntries)),
    ]),
  );
}

export function sumsTable(sums: readonly Sum[]): string {
  return table(
    ['', 'seen', 'sum', 'of which'],
    sums.map((sum) => [
      sum.what,
      number(sum.seen),
      number(total(sum)),
      Object.entries(sum.parts)
        .map(([name, value]) => `${number(value)} ${name}`)
        .join(', '),
    ]),
  );
}

const BARS = '▁▂▃▄▅▆▇█';

/** One bar a value, from zero. */
export function plot(values: readonly number[]): string {
  const most = Math.max(...values);
  return values
    .map((value) => BARS[Math.min(BARS.length - 1, Math.floor((value / most) * BARS.length))])
    .join('');
}
