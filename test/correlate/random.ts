/** A reproducible source of random choices (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** At least 0, below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** An integer from 0 to `below` - 1. */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** Takes one item out. */
  draw<T>(items: T[]): T {
    return items.splice(this.below(items.length), 1)[0]!;
  }
}

/** Runs of a property: more where `SPANLOOM_TEST_RUNS` multiplies them. */
export function runs(usual: number): number {
  return usual * Number(process.env.SPANLOOM_TEST_RUNS ?? 1);
}
