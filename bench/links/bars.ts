import { number } from '../common/page.ts';
import type { Variant } from './case.ts';
import type { Measured } from './measure.ts';

export const PRECISION_BAR = 0.999;
export const RECALL_BAR = 0.99;

/** The share of links that are right; undefined where there is no link. */
export function precision({
  right,
  wrong,
}: {
  readonly right: number;
  readonly wrong: number;
}): number | undefined {
  return right + wrong === 0 ? undefined : right / (right + wrong);
}

/** The share of calls that are right; undefined where there is no call. */
export function recall({
  right,
  calls,
}: {
  readonly right: number;
  readonly calls: number;
}): number | undefined {
  return calls === 0 ? undefined : right / calls;
}

/** What is not as it should be, a sentence each. */
export function misses(measured: Measured, variant: Variant): string[] {
  const { spanloom, changedByBlanking, labels } = measured;
  const found: string[] = [];
  const exact = precision(spanloom);
  const complete = recall(spanloom);
  if (complete === undefined) found.push('the programs recorded no call');
  if (labels === 0) found.push('the capture shows no label');
  if (exact !== undefined && exact < PRECISION_BAR)
    found.push(`precision is ${percent(exact)} (asked: ${percent(PRECISION_BAR)}), ${spanloom.wrong} wrong`);
  if (complete !== undefined && complete < RECALL_BAR && variant.recallNotAsked === undefined)
    found.push(`recall is ${percent(complete)} (asked: ${percent(RECALL_BAR)})`);
  if (changedByBlanking > 0) found.push(`${changedByBlanking} links change when labels are blanked`);
  return found;
}

/** `99.95 %`: never rounded up over a bar. */
export function percent(share: number): string {
  return `${number(Math.floor(share * 10_000) / 100, 2)} %`;
}
