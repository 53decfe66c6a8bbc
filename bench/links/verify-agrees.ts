import { wilson } from '../../src/correlate/verify/wilson.ts';
import { percent, type Share } from './bars.ts';
import { precisionOf, recallOf, type Verification } from './verify.ts';

/** Whether a share lies in the 95 % Wilson interval of another. */
export function agrees(share: Share, other: Share): boolean {
  if (share.total === 0 || other.total === 0) return share.total === other.total;
  const { lower, upper } = bounds(other);
  return share.hits >= lower * share.total && share.hits <= upper * share.total;
}

/** Of none and of all the interval ends at 0 and at 1: floating point must not move that. */
function bounds({ hits, total }: Share): { readonly lower: number; readonly upper: number } {
  const { lower, upper } = wilson(hits, total);
  return { lower: hits === 0 ? 0 : lower, upper: hits === total ? 1 : upper };
}

/** `98.40–99.90 %` */
export function interval({ hits, total }: Share): string {
  if (total === 0) return '–';
  const { lower, upper } = bounds({ hits, total });
  const [from, to] = [lower, upper].map((bound) => percent({ hits: bound, total: 1 }));
  return `${from!.replace(' %', '')}–${to}`;
}

/** Where `verify` says something else than the labels, a sentence each. */
export function disagreements({ rows, mistaken }: Verification): string[] {
  const found: string[] = [];
  if (mistaken > 0) found.push(`verify took another request for the true cause of ${mistaken} calls`);
  for (const { service, evidence, verify, labels } of rows)
    for (const [what, share] of [
      ['precision', precisionOf],
      ['recall', recallOf],
    ] as const)
      if (!agrees(share(verify), share(labels)))
        found.push(
          `verify says ${percent(share(verify))} ${what} of ${evidence} in ${service}, the labels ${interval(share(labels))}`,
        );
  return found;
}
