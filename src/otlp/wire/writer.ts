import { putVarint, varintSize } from './format.ts';
import { allocate } from './slab.ts';

/** Below this length a loop beats the call into the runtime, and the length takes one byte. */
const SHORT = 64;

/** Appends protobuf fields to a buffer that grows. */
export class WireWriter {
  bytes: Uint8Array;
  length = 0;
  #text: Buffer | undefined;

  constructor(capacity = 64) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.#text = undefined;
  }

  /** A copy of what was written. */
  copy(): Uint8Array {
    const copy = allocate(this.length);
    const { bytes } = this;
    if (copy.length > 64) copy.set(bytes.subarray(0, copy.length));
    else for (let i = 0; i < copy.length; i++) copy[i] = bytes[i]!;
    return copy;
  }

  /** A varint of a number below 2^31: tags and lengths. */
  varint(value: number): void {
    this.reserve(5);
    this.length = putVarint(this.bytes, this.length, value);
  }

  /** An `int64` or `uint64` of up to 64 bits, two's complement. */
  varint64(value: number | bigint): void {
    if (value >= 0 && value < 2 ** 31) {
      this.varint(Number(value));
      return;
    }
    this.reserve(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest >= 0x80n) {
      this.bytes[this.length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.bytes[this.length++] = Number(rest);
  }

  /** A varint of 64 bits in two halves. */
  varintHalves(lo: number, hi: number): void {
    this.reserve(10);
    let low = lo >>> 0;
    let high = hi >>> 0;
    while (high !== 0 || low >= 0x80) {
      this.bytes[this.length++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.bytes[this.length++] = low;
  }

  fixed64(lo: number, hi: number): void {
    this.fixed32(lo);
    this.fixed32(hi);
  }

  fixed32(value: number): void {
    this.reserve(4);
    const { bytes, length } = this;
    bytes[length] = value;
    bytes[length + 1] = value >>> 8;
    bytes[length + 2] = value >>> 16;
    bytes[length + 3] = value >>> 24;
    this.length = length + 4;
  }

  double(value: number): void {
    this.reserve(8);
    new DataView(this.bytes.buffer).setFloat64(this.length, value, true);
    this.length += 8;
  }

  raw(value: Uint8Array): void {
    this.reserve(value.length);
    this.bytes.set(value, this.length);
    this.length += value.length;
  }

  /** A length-delimited field: tag, length, bytes. */
  field(tag: number, value: Uint8Array): void {
    this.varint(tag);
    this.varint(value.length);
    this.raw(value);
  }

  /** Begins a length-delimited value whose length comes out at its end. Give the result to `end`. */
  begin(): number {
    this.reserve(1);
    return ++this.length;
  }

  /** Ends the value that began at `start`: its length goes before it. */
  end(start: number): void {
    const size = this.length - start;
    const more = varintSize(size) - 1;
    if (more > 0) {
      this.reserve(more);
      this.bytes.copyWithin(start + more, start, this.length);
      this.length += more;
    }
    putVarint(this.bytes, start - 1, size);
  }

  /** Length and bytes of a part of `source`. */
  part(source: Uint8Array, start: number, end: number): void {
    const size = end - start;
    this.varint(size);
    this.reserve(size);
    if (size < SHORT) {
      const { bytes } = this;
      let at = this.length;
      for (let i = start; i < end; i++) bytes[at++] = source[i]!;
    } else this.bytes.set(source.subarray(start, end), this.length);
    this.length += size;
  }

  /** Length and UTF-8 bytes of a string. Lone surrogates become U+FFFD. */
  text(value: string): void {
    if (value.length < SHORT && this.#shortAscii(value)) return;
    const size = Buffer.byteLength(value);
    this.varint(size);
    this.reserve(size);
    this.#text ??= Buffer.from(this.bytes.buffer);
    this.#text.write(value, this.length, size, 'utf8');
    this.length += size;
  }

  #shortAscii(value: string): boolean {
    this.reserve(SHORT);
    const { bytes } = this;
    let at = this.length;
    bytes[at++] = value.length;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code >= 0x80) return false;
      bytes[at++] = code;
    }
    this.length = at;
    return true;
  }

  /** Bytes `text(value)` takes. */
  static textSize(value: string): number {
    const size = Buffer.byteLength(value);
    return varintSize(size) + size;
  }
}
