import { putVarint, varintSize } from './format.ts';

/** Appends protobuf fields to a buffer that grows. */
export class WireWriter {
  bytes: Uint8Array;
  length = 0;
  #text: Buffer;

  constructor(capacity = 256) {
    this.bytes = new Uint8Array(capacity);
    this.#text = Buffer.from(this.bytes.buffer);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.#text = Buffer.from(grown.buffer);
  }

  /** A copy of what was written. */
  copy(): Uint8Array {
    return this.bytes.slice(0, this.length);
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

  /** Length and UTF-8 bytes of a string. Lone surrogates become U+FFFD. */
  text(value: string): void {
    const size = Buffer.byteLength(value);
    this.varint(size);
    this.reserve(size);
    this.#text.write(value, this.length, size, 'utf8');
    this.length += size;
  }

  /** Bytes `text(value)` takes. */
  static textSize(value: string): number {
    const size = Buffer.byteLength(value);
    return varintSize(size) + size;
  }
}
