/** Lets the first `initial` of each second pass and every `thereafter`-th of the rest. */
export class Sampler {
  readonly #initial: number;
  readonly #thereafter: number;
  #secondEnds = Number.NEGATIVE_INFINITY;
  #seen = 0;

  constructor(initial: number, thereafter: number) {
    this.#initial = initial;
    this.#thereafter = thereafter;
  }

  take(nowMs: number): boolean {
    if (nowMs >= this.#secondEnds) {
      this.#secondEnds = nowMs + 1000;
      this.#seen = 0;
    }
    this.#seen++;
    if (this.#seen <= this.#initial) return true;
    return this.#thereafter > 0 && (this.#seen - this.#initial) % this.#thereafter === 0;
  }
}
