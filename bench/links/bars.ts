import { number } from '../common/page.ts';
import { wilsonLower } from '../common/statistics.ts';
import type { Variant } from './case.ts';
import type { Tally } from './judge.ts';
import type { Measured } from './measure.ts';

export const PRECISION_BAR = 0.999;
export const RECALL_BAR = 0.99;

/** So many of so many. */
export interface Share {
  readonly hits: number;
  readonly total: number;
}

/** How many of the links made are right. */
export function precision({ right, leftAlone, wrong }: Tally): Share {
  const hits = right - leftAlone;
  return { hits, total: hits + wrong };
}

/** How many of the calls that belong to a request are linked to it. */
export function recall({ right, leftAlone, calls, background }: Tally): Share {
  return { hits: right - leftAlone, total: calls - background };
}

/** What is not as it should be, a sentence each. */
export function misses(measured: Measured, variant: Variant): string[] {
  const { spanloom, changedByBlanking, labels } = measured;
  const found: string[] = [];
  const exact = precision(spanloom);
  const complete = recall(spanloom);
  if (complete.total === 0) found.push('the programs recorded no call');
  if (labels === 0) found.push('the capture shows no label');
  if (isBelow(exact, PRECISION_BAR))
    found.push(`precision is ${percent(exact)} (asked: ${barText(PRECISION_BAR)}), ${spanloom.wrong} wrong`);
  if (isBelow(complete, RECALL_BAR) && variant.recallNotAsked === undefined)
    found.push(`recall is ${percent(complete)} (asked: ${barText(RECALL_BAR)})`);
  if (measured.shownSampledOut > 0)
    found.push(`${measured.shownSampledOut} calls are shown though their traces are sampled out`);
  if (changedByBlanking > 0) found.push(`${changedByBlanking} links change when labels are blanked`);
  return found;
}

function isBelow({ hits, total }: Share, bar: number): boolean {
  return hits < bar * total;
}

/** `99.95 %`, never rounded up over a bar; a dash where there is nothing to have a share of. */
export function percent({ hits, total }: Share): string {
  return total === 0 ? '–' : `${number(Math.floor((10_000 * hits) / total) / 100, 2)} %`;
}

/** The same with the lower bound of its 95 % Wilson interval. */
export function withBound(share: Share): string {
  const { hits, total } = share;
  if (total === 0) return '–';
  return `${percent(share)} (${percent({ hits: wilsonLower(hits, total), total: 1 })})`;
}

function barText(bar: number): string {
  return percent({ hits: bar, total: 1 });
}
