import { LEN, VARINT } from '../otlp/wire/format.ts';
import { WireReader } from '../otlp/wire/reader.ts';

/**
 * Varint and length-delimited fields of a small protobuf message; others are passed over.
 *
 * @throws {MalformedOtlpError}
 */
export function* wireFields(bytes: Uint8Array): Generator<[field: number, value: number | Uint8Array]> {
  const reader = new WireReader(bytes);
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if ((tag & 7) === VARINT) {
      reader.varint();
      yield [tag >>> 3, (reader.hi | 0) * 2 ** 32 + reader.lo];
    } else if ((tag & 7) === LEN) {
      const length = reader.length();
      const start = reader.pos;
      reader.pos += length;
      yield [tag >>> 3, bytes.subarray(start, start + length)];
    } else reader.skip(tag);
  }
}

/** The nested messages and strings of field `number`. */
export function* nestedFields(bytes: Uint8Array, number: number): Generator<Uint8Array> {
  for (const [field, value] of wireFields(bytes))
    if (field === number && typeof value !== 'number') yield value;
}

export function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}
