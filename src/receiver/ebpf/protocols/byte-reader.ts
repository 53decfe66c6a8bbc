import { utf8 } from './text.ts';

/**
 * Reads a bounded part of a buffer, front to back. Running off the end is a value (`undefined`), not an exception:
 * captured messages are often cut.
 */
export class ByteReader {
  #data: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;

  /** Starts over with the bytes `from` (included) to `to` (excluded) of `data`. */
  reset(data: Uint8Array, from: number, to: number): this {
    this.#data = data;
    this.#at = from;
    this.#end = Math.min(to, data.length);
    return this;
  }

  get remaining(): number {
    return this.#end - this.#at;
  }

  uint8(): number | undefined {
    return this.#at < this.#end ? this.#data[this.#at++] : undefined;
  }

  /** Big endian, signed. */
  int32(): number | undefined {
    if (this.remaining < 4) return undefined;
    const value = int32At(this.#data, this.#at);
    this.#at += 4;
    return value;
  }

  /** UTF-8 up to a zero byte; undefined where there is none, and nothing is taken then. */
  cstring(): string | undefined {
    const zero = this.#data.indexOf(0, this.#at);
    if (zero < 0 || zero >= this.#end) return undefined;
    const value = utf8(this.#data, this.#at, zero);
    this.#at = zero + 1;
    return value;
  }

  /** UTF-8 up to a zero byte or, where the rest was cut away, as far as it goes. */
  cutString(): string {
    const whole = this.cstring();
    if (whole !== undefined) return whole;
    // The cut may stand inside a character.
    let to = this.#end;
    while (to > this.#at && to > this.#end - 3 && (this.#data[to - 1]! & 0xc0) === 0x80) to--;
    if (to > this.#at && this.#data[to - 1]! >= 0xc0) to--;
    else to = this.#end;
    const value = utf8(this.#data, this.#at, to);
    this.#at = this.#end;
    return value;
  }
}

/** Big endian, signed; the four bytes have to be there. */
export function int32At(data: Uint8Array, at: number): number {
  return (data[at]! << 24) | (data[at + 1]! << 16) | (data[at + 2]! << 8) | data[at + 3]!;
}
