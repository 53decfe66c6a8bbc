/** The last so many outcomes of something that succeeds or does not. */
export class LastOutcomes {
  readonly #ring: Uint8Array;
  #next = 0;
  #count = 0;
  #successes = 0;

  constructor(size: number) {
    this.#ring = new Uint8Array(size);
  }

  get count(): number {
    return this.#count;
  }

  get successes(): number {
    return this.#successes;
  }

  get full(): boolean {
    return this.#count === this.#ring.length;
  }

  /** NaN while there are none. */
  get share(): number {
    return this.#successes / this.#count;
  }

  add(success: boolean): void {
    if (this.full) this.#successes -= this.#ring[this.#next]!;
    else this.#count++;
    this.#ring[this.#next] = success ? 1 : 0;
    this.#successes += success ? 1 : 0;
    this.#next = (this.#next + 1) % this.#ring.length;
  }

  clear(): void {
    this.#next = 0;
    this.#count = 0;
    this.#successes = 0;
  }
}
