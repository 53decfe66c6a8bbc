/** The middle of some measurements and how far they spread. */
export interface Spread {
  readonly lower: number;
  readonly median: number;
  readonly upper: number;
}

/** The value below which the share `q` (0 to 1) of the values lies, interpolated between neighbours. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) throw new RangeError('a quantile needs at least one value');
  const sorted = [...values].sort((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (at - below) * (sorted[above]! - sorted[below]!);
}

/** Median and quartiles. */
export function spread(values: readonly number[]): Spread {
  return { lower: quantile(values, 0.25), median: quantile(values, 0.5), upper: quantile(values, 0.75) };
}

/**
 * Each round's value divided by the same round's baseline: what slows a whole round down, such as other work on the
 * machine, cancels out.
 */
export function ratios(values: readonly number[], baselines: readonly number[]): number[] {
  if (values.length !== baselines.length)
    throw new RangeError(`${values.length} values have ${baselines.length} baselines`);
  return values.map((value, i) => value / baselines[i]!);
}

/** A copy in random order (Fisher and Yates): no variant always runs after the same other one. */
export function shuffled<T>(items: readonly T[], random: () => number = Math.random): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}

/** The normal distribution's quantile for a two-sided 95 % interval. */
const Z_95 = 1.959964;

/** Lower bound of the 95 % Wilson score interval of a share: `hits` of `total`. */
export function wilsonLower(hits: number, total: number): number {
  if (hits === 0) return 0;
  const share = hits / total;
  const z2 = Z_95 * Z_95;
  const centre = share + z2 / (2 * total);
  const margin = Z_95 * Math.sqrt((share * (1 - share)) / total + z2 / (4 * total * total));
  return Math.max(0, (centre - margin) / (1 + z2 / total));
}
