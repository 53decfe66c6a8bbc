import { FIXED64, LEN, MAX_DEPTH, VARINT } from '../../otlp/wire/format.ts';
import type { WireWriter } from '../../otlp/wire/writer.ts';

const KEY = (1 << 3) | LEN;
const VALUE = (2 << 3) | LEN;
const ENTRY = (1 << 3) | LEN;

type Attributes = Readonly<Record<string, unknown>>;

/**
 * Writes attributes as `KeyValue` fields with the number `field`. An attribute whose value is undefined is none, as
 * the API says.
 */
export function writeAttributes(writer: WireWriter, field: number, attributes: Attributes | undefined): void {
  if (attributes) writeEntries(writer, (field << 3) | LEN, attributes, []);
}

/** @param open the lists and maps around these attributes */
function writeEntries(
  writer: WireWriter,
  tag: number,
  attributes: Attributes,
  open: readonly object[],
): void {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    writer.varint(tag);
    const entry = writer.begin();
    writer.varint(KEY);
    writer.text(key);
    writer.varint(VALUE);
    writeMessage(writer, value, open);
    writer.end(entry);
  }
}

/** Length and `AnyValue` message. */
function writeMessage(writer: WireWriter, value: unknown, open: readonly object[]): void {
  const start = writer.begin();
  writeAnyValue(writer, value, open);
  writer.end(start);
}

/** What no attribute can be (a function, a list that contains itself) is written as the empty value. */
function writeAnyValue(writer: WireWriter, value: unknown, open: readonly object[]): void {
  switch (typeof value) {
    case 'string':
      writer.varint((1 << 3) | LEN);
      writer.text(value);
      return;
    case 'boolean':
      writer.varint((2 << 3) | VARINT);
      writer.varint(value ? 1 : 0);
      return;
    case 'number':
      writeNumber(writer, value);
      return;
    case 'bigint':
      writeBigint(writer, value);
      return;
    case 'object':
      if (value !== null && open.length < MAX_DEPTH / 4 && !open.includes(value))
        writeObject(writer, value, [...open, value]);
  }
}

/** SDKs write integers as `int64`; it does not know the negative zero, nor what a double has rounded. */
function writeNumber(writer: WireWriter, value: number): void {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    writer.varint((3 << 3) | VARINT);
    writer.varint64(value);
    return;
  }
  writer.varint((4 << 3) | FIXED64);
  writer.double(value);
}

/** As text where it does not fit an `int64`. */
function writeBigint(writer: WireWriter, value: bigint): void {
  if (BigInt.asIntN(64, value) !== value) {
    writeAnyValue(writer, value.toString(), []);
    return;
  }
  writer.varint((3 << 3) | VARINT);
  writer.varint64(value);
}

function writeObject(writer: WireWriter, value: object, open: readonly object[]): void {
  if (value instanceof Uint8Array) {
    writer.field((7 << 3) | LEN, value);
    return;
  }
  const list = Array.isArray(value);
  writer.varint(((list ? 5 : 6) << 3) | LEN);
  const start = writer.begin();
  if (list)
    for (const item of value) {
      writer.varint(ENTRY);
      writeMessage(writer, item, open);
    }
  else writeEntries(writer, ENTRY, value as Attributes, open);
  writer.end(start);
}
