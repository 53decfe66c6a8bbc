import { textOf } from '../../otlp/attribute-value.ts';
import type { WireReader } from '../../otlp/wire/reader.ts';
import type { HrTime } from '../readable-span.ts';

/**
 * Calls `read` with the tag of each field of the message that fills the reader up to its end. What it does not take
 * (false) is passed over.
 */
export function eachField(reader: WireReader, read: (tag: number) => boolean): void {
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (!read(tag)) reader.skip(tag);
  }
}

/** Reads the nested message that begins here. */
export function nested<T>(reader: WireReader, read: (reader: WireReader) => T): T {
  const { end } = reader;
  reader.end = reader.length() + reader.pos;
  const value = read(reader);
  reader.pos = reader.end;
  reader.end = end;
  return value;
}

export function readText(reader: WireReader): string {
  return nested(reader, ({ bytes, pos, end }) => textOf(bytes, pos, end));
}

/** An id in hex. */
export function readId(reader: WireReader): string {
  return nested(reader, ({ bytes, pos, end }) => Buffer.from(bytes.subarray(pos, end)).toString('hex'));
}

/** A `uint32` or an enum. */
export function readCount(reader: WireReader): number {
  reader.varint();
  return reader.lo;
}

/** Unix time in nanoseconds, `fixed64`. */
export function readTime(reader: WireReader): HrTime {
  reader.fixed64();
  const nanos = (BigInt(reader.hi) << 32n) | BigInt(reader.lo);
  return [Number(nanos / 1_000_000_000n), Number(nanos % 1_000_000_000n)];
}
