import { MalformedOtlpError } from '../malformed.ts';
import { FIXED32, FIXED64, GROUP_END, GROUP_START, LEN, MAX_DEPTH, VARINT } from './format.ts';

/**
 * A position in protobuf bytes. `end` is the end of the message being read; whoever descends into a nested
 * message moves it and puts it back. Nothing is read beyond `end`: what would be is a `MalformedOtlpError`.
 */
export class WireReader {
  /** Low and high 32 bits of what `varint` or `fixed64` read last. */
  lo = 0;
  hi = 0;

  constructor(
    readonly bytes: Uint8Array,
    public pos = 0,
    public end = bytes.length,
  ) {}

  /** Field number and wire type of the next field: `number << 3 | type`. The caller has checked `pos < end`. */
  tag(): number {
    const first = this.bytes[this.pos]!;
    if (first < 0x80) {
      if (first < 8 || (first & 7) > FIXED32) this.#badTag(this.pos, first);
      this.pos++;
      return first;
    }
    const start = this.pos;
    this.varint();
    const tag = this.lo;
    if (this.hi !== 0 || tag < 8 || (tag & 7) > FIXED32) this.#badTag(start, tag);
    return tag;
  }

  /** The length of a length-delimited field; afterwards `pos + length <= end` holds. */
  length(): number {
    const first = this.bytes[this.pos]!;
    if (first < 0x80 && this.pos < this.end) {
      this.pos++;
      if (first > this.end - this.pos) this.#beyond(first);
      return first;
    }
    this.varint();
    if (this.hi !== 0 || this.lo > this.end - this.pos) this.#beyond(this.hi * 2 ** 32 + this.lo);
    return this.lo;
  }

  /** Reads a varint of up to 64 bits into `lo` and `hi`. */
  varint(): void {
    const { bytes, end } = this;
    let pos = this.pos;
    let lo = 0;
    let hi = 0;
    for (let i = 0; i < 10; i++) {
      if (pos >= end) throw new MalformedOtlpError('a varint is cut off', pos);
      const byte = bytes[pos++]!;
      if (i < 4) lo |= (byte & 0x7f) << (7 * i);
      else if (i === 4) {
        lo |= (byte & 0x0f) << 28;
        hi = (byte & 0x7f) >>> 4;
      } else if (i < 9) hi |= (byte & 0x7f) << (7 * i - 32);
      else if (byte > 1) break;
      else hi |= byte << 31;
      if (byte < 0x80) {
        this.pos = pos;
        this.lo = lo >>> 0;
        this.hi = hi >>> 0;
        return;
      }
    }
    throw new MalformedOtlpError('a varint is longer than 64 bits', this.pos);
  }

  /** Reads a little-endian 64-bit value into `lo` and `hi`. */
  fixed64(): void {
    const { bytes, pos } = this;
    this.advance(8);
    this.lo =
      (bytes[pos]! | (bytes[pos + 1]! << 8) | (bytes[pos + 2]! << 16) | (bytes[pos + 3]! << 24)) >>> 0;
    this.hi =
      (bytes[pos + 4]! | (bytes[pos + 5]! << 8) | (bytes[pos + 6]! << 16) | (bytes[pos + 7]! << 24)) >>> 0;
  }

  fixed32(): number {
    const { bytes, pos } = this;
    this.advance(4);
    return (bytes[pos]! | (bytes[pos + 1]! << 8) | (bytes[pos + 2]! << 16) | (bytes[pos + 3]! << 24)) >>> 0;
  }

  /** Moves over `count` bytes that must be there. */
  advance(count: number): void {
    if (count > this.end - this.pos)
      throw new MalformedOtlpError(
        `${count} bytes are expected and ${this.end - this.pos} are left in the message`,
        this.pos,
      );
    this.pos += count;
  }

  /** Moves over the value of the field `tag`. */
  skip(tag: number): void {
    const wire = tag & 7;
    if (wire === LEN) {
      const length = this.length();
      this.pos += length;
    } else if (wire === VARINT) this.varint();
    else if (wire === FIXED64) this.advance(8);
    else if (wire === FIXED32) this.advance(4);
    else this.#skipGroup(tag);
  }

  /** Groups are no longer written, yet a legal unknown field. */
  #skipGroup(tag: number): void {
    if ((tag & 7) === GROUP_END) throw new MalformedOtlpError('a group ends that did not begin', this.pos);
    const open = [tag];
    while (open.length > 0) {
      const start = this.pos;
      if (start >= this.end) throw new MalformedOtlpError('a group is not closed', start);
      const inner = this.tag();
      if ((inner & 7) === GROUP_END) {
        if (inner >>> 3 !== open.pop()! >>> 3)
          throw new MalformedOtlpError('a group ends that did not begin', start);
      } else if ((inner & 7) === GROUP_START) {
        if (open.push(inner) > MAX_DEPTH)
          throw new MalformedOtlpError(`groups are nested deeper than ${MAX_DEPTH} levels`, start);
      } else this.skip(inner);
    }
  }

  #badTag(at: number, tag: number): never {
    if ((tag & 7) > FIXED32) throw new MalformedOtlpError(`wire type ${tag & 7} does not exist`, at);
    throw new MalformedOtlpError('a field number is out of range', at);
  }

  #beyond(length: number): never {
    throw new MalformedOtlpError(
      `a field of ${length} bytes begins and ${Math.max(0, this.end - this.pos)} are left in the message`,
      this.pos,
    );
  }
}
