/** Older outcomes count half when there are this many, so that what changes in a program shows. */
const MEMORY = 4096;

/** How often each of several outcomes was seen lately. */
export class Tally<T extends string | number> {
  readonly #counts = new Map<T, number>();
  #total = 0;

  count(outcome: T): number {
    return this.#counts.get(outcome) ?? 0;
  }

  get total(): number {
    return this.#total;
  }

  add(outcome: T): void {
    this.#counts.set(outcome, this.count(outcome) + 1);
    if (++this.#total < MEMORY) return;
    this.#total = 0;
    for (const [each, count] of this.#counts) {
      const half = Math.ceil(count / 2);
      this.#counts.set(each, half);
      this.#total += half;
    }
  }

  /**
   * How likely the outcome is next time, given that it is this one or one of `others`: Laplace's rule of succession, so that
   * what has never been seen counts as possible until much else has been.
   */
  likelihood(outcome: T, ...others: readonly T[]): number {
    const all = others.reduce((sum, other) => sum + this.count(other), this.count(outcome));
    return (this.count(outcome) + 1) / (all + 2);
  }
}
