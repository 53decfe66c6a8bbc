export interface BackoffOptions {
  /** Milliseconds. */
  readonly initialMs: number;
  readonly maxMs: number;
  readonly multiplier: number;
  /** Share of an interval by which it may be shorter or longer: 0.5 of 4 s gives 2 s to 6 s. */
  readonly randomizationFactor: number;
}

/** Growing, randomised waiting times. */
export class Backoff {
  readonly #options: BackoffOptions;
  readonly #random: () => number;
  #intervalMs: number;

  constructor(options: BackoffOptions, random: () => number = Math.random) {
    this.#options = options;
    this.#random = random;
    this.#intervalMs = Math.min(options.initialMs, options.maxMs);
  }

  /** The next waiting time in milliseconds. */
  next(): number {
    const { maxMs, multiplier, randomizationFactor } = this.#options;
    const spread = this.#intervalMs * randomizationFactor;
    const delay = this.#intervalMs - spread + 2 * spread * this.#random();
    this.#intervalMs = Math.min(this.#intervalMs * multiplier, maxMs);
    return delay;
  }

  reset(): void {
    this.#intervalMs = Math.min(this.#options.initialMs, this.#options.maxMs);
  }
}
