import { allocateMessage } from '../../otlp/wire/grpc-prefix.ts';

/** Collects the chunks of one request. */
export class Body {
  readonly #chunks: Uint8Array[] = [];
  length = 0;

  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.length += chunk.length;
  }

  /** The byte at `position`, which must be there. */
  byte(position: number): number {
    let rest = position;
    for (const chunk of this.#chunks) {
      if (rest < chunk.length) return chunk[rest]!;
      rest -= chunk.length;
    }
    throw new RangeError(`the body has no byte ${position}`);
  }

  /**
   * The bytes from `start` to `end`, copied: chunks are views of the 64 KiB that one read of a socket fills,
   * and a batch must not keep those alive.
   */
  copy(start: number, end: number): Uint8Array {
    const out = allocateMessage(end - start);
    let position = 0;
    for (const chunk of this.#chunks) {
      const from = Math.max(start, position);
      const to = Math.min(end, position + chunk.length);
      if (from < to) out.set(chunk.subarray(from - position, to - position), from - start);
      position += chunk.length;
    }
    return out;
  }
}
