import { FIXED64, LEN, VARINT } from './wire/format.ts';
import { WireWriter } from './wire/writer.ts';

/** A value to encode: an integral number or a bigint becomes an `int64`, any other number a double. */
type AttributeInput = string | number | bigint | boolean | Uint8Array | readonly AttributeInput[];

export type AttributeEntry = readonly [key: string, value: AttributeInput];

const KEY = (1 << 3) | LEN;
const VALUE = (2 << 3) | LEN;

/** The encoded `AnyValue` message. */
function encodeAnyValue(value: AttributeInput): Uint8Array {
  const writer = new WireWriter(16);
  if (typeof value === 'string') {
    writer.varint((1 << 3) | LEN);
    writer.text(value);
  } else if (typeof value === 'boolean') {
    writer.varint((2 << 3) | VARINT);
    writer.varint(value ? 1 : 0);
  } else if (typeof value === 'bigint' || Number.isSafeInteger(value)) {
    writer.varint((3 << 3) | VARINT);
    writer.varint64(value as number | bigint);
  } else if (typeof value === 'number') {
    writer.varint((4 << 3) | FIXED64);
    writer.double(value);
  } else if (value instanceof Uint8Array) writer.field((7 << 3) | LEN, value);
  else {
    const list = new WireWriter();
    for (const entry of value) list.field((1 << 3) | LEN, encodeAnyValue(entry));
    writer.field((5 << 3) | LEN, list.copy());
  }
  return writer.copy();
}

/**
 * Encoded `KeyValue` fields with the number `field`, one an entry: 1 in a resource, 3 in a scope, 9 in a
 * span, 4 in a link.
 */
export function encodeAttributes(entries: Iterable<AttributeEntry>, field: number): Uint8Array {
  const fields = new WireWriter();
  for (const [key, value] of entries) {
    const entry = new WireWriter();
    entry.varint(KEY);
    entry.text(key);
    entry.field(VALUE, encodeAnyValue(value));
    fields.field((field << 3) | LEN, entry.copy());
  }
  return fields.copy();
}

/** Encoded `attributes` fields of a span. */
export function encodeSpanAttributes(entries: Iterable<AttributeEntry>): Uint8Array {
  return encodeAttributes(entries, 9);
}
