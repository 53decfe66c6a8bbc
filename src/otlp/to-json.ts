import type { Signal } from '../collector/component.ts';
import { doubleOf, int64Of, textOf } from './attribute-value.ts';
import { countItems } from './count-items.ts';
import { type Field, MessageType, type Scalar } from './schema/message-type.ts';
import { REQUESTS } from './schema/requests.ts';
import { WIRE_TYPE } from './schema/wire-shape.ts';
import { FIXED64, LEN, VARINT } from './wire/format.ts';
import { WireReader } from './wire/reader.ts';

/** What a field that is absent holds. */
const DEFAULTS: Readonly<Record<Scalar, string>> = {
  string: '""',
  bytes: '""',
  id: '""',
  bool: 'false',
  enum: '0',
  int32: '0',
  sint32: '0',
  uint32: '0',
  fixed32: '0',
  int64: '"0"',
  uint64: '"0"',
  fixed64: '"0"',
  sfixed64: '"0"',
  double: '0',
};

/**
 * An `Export<Signal>ServiceRequest` in OTLP/JSON, as one line without a newline: lowerCamelCase names, trace and span ids in hex,
 * other bytes in base64, enums as numbers, 64-bit integers as strings, NaN and infinities as strings. Fields that
 * hold their default value and unknown fields are left out.
 *
 * @throws {MalformedOtlpError}
 */
export function toJson(signal: Signal, body: Uint8Array): string {
  countItems(signal, body);
  return messageJson(new WireReader(body), REQUESTS[signal], [0, body.length]);
}

/** `ranges` are the starts and ends of the pieces of the message: a singular message that stands twice is merged. */
function messageJson(reader: WireReader, type: MessageType, ranges: readonly number[]): string {
  const { fields } = type;
  const scalars: (string[] | undefined)[] = [];
  const pieces: (number[] | undefined)[] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    reader.pos = ranges[i]!;
    reader.end = ranges[i + 1]!;
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      const slot = slotOf(fields, tag >>> 3);
      if (slot < 0) {
        reader.skip(tag);
        continue;
      }
      const field = fields[slot]!;
      if (field.cardinality === 'oneof') clearOthers(fields, slot, scalars, pieces);
      if (field.type instanceof MessageType) {
        const length = reader.length();
        pieces[slot] ??= [];
        pieces[slot].push(reader.pos, reader.pos + length);
        reader.pos += length;
      } else if (field.cardinality === 'repeated') {
        scalars[slot] ??= [];
        readList(reader, field.type, tag & 7, scalars[slot]);
      } else scalars[slot] = [scalarJson(reader, field.type)];
    }
  }
  const members: string[] = [];
  for (let slot = 0; slot < fields.length; slot++) {
    const field = fields[slot]!;
    const json =
      field.type instanceof MessageType
        ? nestedJson(reader, field, field.type, pieces[slot])
        : listedJson(field, field.type, scalars[slot]);
    if (json !== undefined) members.push(`"${field.name}":${json}`);
  }
  return `{${members.join(',')}}`;
}

function slotOf(fields: readonly Field[], number: number): number {
  for (let slot = 0; slot < fields.length; slot++) if (fields[slot]!.number === number) return slot;
  return -1;
}

/** Of the members of a `oneof` the last one on the wire counts. */
function clearOthers(
  fields: readonly Field[],
  slot: number,
  scalars: (string[] | undefined)[],
  pieces: (number[] | undefined)[],
): void {
  for (let other = 0; other < fields.length; other++)
    if (other !== slot && fields[other]!.cardinality === 'oneof') {
      scalars[other] = undefined;
      pieces[other] = undefined;
    }
}

function nestedJson(
  reader: WireReader,
  field: Field,
  type: MessageType,
  ranges: readonly number[] | undefined,
): string | undefined {
  if (!ranges) return undefined;
  if (field.cardinality !== 'repeated') return messageJson(reader, type, ranges);
  const list: string[] = [];
  for (let i = 0; i < ranges.length; i += 2)
    list.push(messageJson(reader, type, [ranges[i]!, ranges[i + 1]!]));
  return `[${list.join(',')}]`;
}

function listedJson(field: Field, type: Scalar, values: readonly string[] | undefined): string | undefined {
  if (!values || values.length === 0) return undefined;
  if (field.cardinality === 'repeated') return `[${values.join(',')}]`;
  return field.cardinality === 'singular' && values[0] === DEFAULTS[type] ? undefined : values[0];
}

/** Adds the value that stands here, or the packed values, to `list`. */
function readList(reader: WireReader, type: Scalar, wireType: number, list: string[]): void {
  if (wireType !== LEN || WIRE_TYPE[type] === LEN) {
    list.push(scalarJson(reader, type));
    return;
  }
  const length = reader.length();
  const end = reader.pos + length;
  while (reader.pos < end) list.push(scalarJson(reader, type));
}

function scalarJson(reader: WireReader, type: Scalar): string {
  const wireType = WIRE_TYPE[type];
  if (wireType === LEN) return lengthDelimitedJson(reader, type);
  if (wireType === VARINT) reader.varint();
  else if (wireType === FIXED64) reader.fixed64();
  else return String(reader.fixed32());
  const { lo, hi } = reader;
  switch (type) {
    case 'bool':
      return (lo | hi) === 0 ? 'false' : 'true';
    case 'uint32':
      return String(lo);
    case 'enum':
    case 'int32':
      return String(lo | 0);
    case 'sint32':
      return String((lo >>> 1) ^ -(lo & 1));
    case 'double':
      return doubleJson(doubleOf(lo, hi));
    case 'int64':
    case 'sfixed64':
      return `"${int64Of(lo, hi)}"`;
    default:
      return `"${hi < 0x20_0000 ? hi * 2 ** 32 + lo : (BigInt(hi) << 32n) | BigInt(lo)}"`;
  }
}

function lengthDelimitedJson(reader: WireReader, type: Scalar): string {
  const length = reader.length();
  const { bytes, pos } = reader;
  reader.pos += length;
  if (type === 'string') return JSON.stringify(textOf(bytes, pos, pos + length));
  const value = Buffer.from(bytes.buffer, bytes.byteOffset + pos, length);
  return `"${value.toString(type === 'id' ? 'hex' : 'base64')}"`;
}

function doubleJson(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? '-0' : String(value);
}
