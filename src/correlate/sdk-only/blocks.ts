const BLOCK_BYTES = 1 << 20;

interface Block {
  readonly bytes: Uint8Array;
  used: number;
  /** Parts of it that are still needed. */
  parts: number;
}

/** Where bytes were copied to. */
export interface Place {
  readonly block: number;
  readonly offset: number;
}

/**
 * Memory for what is held, in blocks that are used again once nothing in them is needed any more: the garbage collector
 * runs for whatever is allocated and dropped, and such memory would be most of it.
 */
export class Blocks {
  readonly #blocks: (Block | undefined)[] = [];
  readonly #freeNumbers: number[] = [];
  readonly #spare: Block[] = [];
  #current = -1;

  /** Copies the bytes. Until a part of them is `use`d nothing keeps them. */
  keep(bytes: Uint8Array): Place {
    let block = this.#blocks[this.#current];
    if (block === undefined || block.used + bytes.length > block.bytes.length)
      block = this.#begin(bytes.length);
    const place = { block: this.#current, offset: block.used };
    block.bytes.set(bytes, block.used);
    block.used += bytes.length;
    return place;
  }

  use(number: number): void {
    this.#blocks[number]!.parts++;
  }

  /** A part is not needed any more. Views of it are good until something else is kept. */
  release(number: number): void {
    const block = this.#blocks[number]!;
    if (--block.parts === 0 && number !== this.#current) this.#retire(number, block);
  }

  view(number: number, start: number, length: number): Uint8Array {
    return this.#blocks[number]!.bytes.subarray(start, start + length);
  }

  #begin(atLeast: number): Block {
    const before = this.#blocks[this.#current];
    if (before?.parts === 0) this.#retire(this.#current, before);
    const block =
      atLeast > BLOCK_BYTES || this.#spare.length === 0
        ? { bytes: new Uint8Array(Math.max(BLOCK_BYTES, atLeast)), used: 0, parts: 0 }
        : this.#spare.pop()!;
    this.#current = this.#freeNumbers.pop() ?? this.#blocks.length;
    this.#blocks[this.#current] = block;
    return block;
  }

  #retire(number: number, block: Block): void {
    this.#blocks[number] = undefined;
    this.#freeNumbers.push(number);
    block.used = 0;
    // What a burst needed is given back.
    const inUse = this.#blocks.length - this.#freeNumbers.length;
    if (block.bytes.length === BLOCK_BYTES && this.#spare.length < 2 + inUse / 4) this.#spare.push(block);
  }
}
