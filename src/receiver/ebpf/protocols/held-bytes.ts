const FIRST_CAPACITY = 512;

/** Shared: most streams never hold anything. */
const EMPTY = new Uint8Array(0);

/**
 * The beginning of a message whose end has not come yet: a copy, because captured bytes are valid during one call
 * only. Bounded: what does not fit is refused.
 */
export class HeldBytes {
  #buffer = EMPTY;
  #length = 0;

  constructor(
    /** Bytes held at most. */
    readonly limit: number,
  ) {}

  get length(): number {
    return this.#length;
  }

  /** A view of what is held, valid until the next `append` or `clear`. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Keeps `data` from index `from` on, as far as the limit allows; returns how many bytes were kept. */
  append(data: Uint8Array, from: number, to: number = data.length): number {
    const count = Math.min(to - from, this.limit - this.#length);
    if (count <= 0) return 0;
    const needed = this.#length + count;
    if (needed > this.#buffer.length) {
      const grown = new Uint8Array(
        Math.min(this.limit, Math.max(FIRST_CAPACITY, needed, this.#buffer.length * 2)),
      );
      grown.set(this.bytes);
      this.#buffer = grown;
    }
    this.#buffer.set(data.subarray(from, from + count), this.#length);
    this.#length = needed;
    return count;
  }

  /** Forgets the content; a buffer that grew large is given back. */
  clear(): void {
    this.#length = 0;
    if (this.#buffer.length > FIRST_CAPACITY) this.#buffer = EMPTY;
  }
}
