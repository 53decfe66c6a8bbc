import { MalformedOtlpError } from './malformed.ts';
import { LEN, MAX_DEPTH, VARINT } from './wire/format.ts';
import type { WireReader } from './wire/reader.ts';

/**
 * The value of an attribute, as read: an `int64` is a number where a double holds it exactly, else a bigint;
 * `null` is the empty value. Reading does not tell an integral double from an integer; the bytes, which are
 * what is forwarded, do.
 */
export type AttributeValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | readonly AttributeValue[]
  | ReadonlyMap<string, AttributeValue>;

const double = new DataView(new ArrayBuffer(8));

/** The double whose bits are `lo` and `hi`. */
export function doubleOf(lo: number, hi: number): number {
  double.setUint32(0, lo, true);
  double.setUint32(4, hi, true);
  return double.getFloat64(0, true);
}

/** The signed 64-bit integer whose bits are `lo` and `hi`. */
export function int64Of(lo: number, hi: number): number | bigint {
  const high = hi | 0;
  if (high >= -0x20_0000 && high < 0x20_0000) {
    const value = high * 2 ** 32 + lo;
    if (Number.isSafeInteger(value)) return value;
  }
  return (BigInt(high) << 32n) | BigInt(lo);
}

/** UTF-8 text of a part of the bytes; what is no UTF-8 reads as U+FFFD. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}

/** Reads the `AnyValue` message that fills `reader` up to its end. Bytes values are views. */
export function readAnyValue(reader: WireReader, depth = 0): AttributeValue {
  if (depth > MAX_DEPTH)
    throw new MalformedOtlpError(`values are nested deeper than ${MAX_DEPTH} levels`, reader.pos);
  let value: AttributeValue = null;
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    switch (tag) {
      case (1 << 3) | LEN: {
        const length = reader.length();
        value = textOf(reader.bytes, reader.pos, reader.pos + length);
        reader.pos += length;
        break;
      }
      case (2 << 3) | VARINT:
        reader.varint();
        value = (reader.lo | reader.hi) !== 0;
        break;
      case (3 << 3) | VARINT:
        reader.varint();
        value = int64Of(reader.lo, reader.hi);
        break;
      case (4 << 3) | 1:
        reader.fixed64();
        value = doubleOf(reader.lo, reader.hi);
        break;
      case (5 << 3) | LEN: {
        const list: AttributeValue[] = [];
        eachValue(reader, (entry) => list.push(readAnyValue(entry, depth + 1)));
        value = list;
        break;
      }
      case (6 << 3) | LEN: {
        const map = new Map<string, AttributeValue>();
        eachValue(reader, (entry) => {
          const [key, mapped] = readKeyValue(entry, depth + 1);
          map.set(key, mapped);
        });
        value = map;
        break;
      }
      case (7 << 3) | LEN: {
        const length = reader.length();
        value = reader.bytes.subarray(reader.pos, reader.pos + length);
        reader.pos += length;
        break;
      }
      default:
        if (tag >>> 3 <= 7)
          throw new MalformedOtlpError(`a value has a field of the wrong wire type ${tag & 7}`, reader.pos);
        reader.skip(tag);
    }
  }
  return value;
}

/** Calls `entry` with the reader bounded to each `values` (field 1) of the list that begins here. */
function eachValue(reader: WireReader, entry: (reader: WireReader) => void): void {
  const outer = reader.end;
  const end = reader.length() + reader.pos;
  reader.end = end;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === ((1 << 3) | LEN)) {
      reader.end = reader.length() + reader.pos;
      entry(reader);
      reader.end = end;
    } else if (tag >>> 3 === 1)
      throw new MalformedOtlpError(`a list has a field of the wrong wire type ${tag & 7}`, reader.pos);
    else reader.skip(tag);
  }
  reader.end = outer;
}

/** Reads the `KeyValue` message that fills `reader` up to its end. */
function readKeyValue(reader: WireReader, depth: number): [key: string, value: AttributeValue] {
  const { end } = reader;
  let key = '';
  let value: AttributeValue = null;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === ((1 << 3) | LEN)) {
      const length = reader.length();
      key = textOf(reader.bytes, reader.pos, reader.pos + length);
      reader.pos += length;
    } else if (tag === ((2 << 3) | LEN)) {
      reader.end = reader.length() + reader.pos;
      value = readAnyValue(reader, depth);
      reader.end = end;
    } else if (tag >>> 3 <= 2)
      throw new MalformedOtlpError(`an attribute has a field of the wrong wire type ${tag & 7}`, reader.pos);
    else reader.skip(tag);
  }
  return [key, value];
}
