import type { Signal } from '../collector/component.ts';
import { MalformedOtlpError } from './malformed.ts';
import { KeyValue } from './schema/common.ts';
import { MessageType } from './schema/message-type.ts';
import { ITEMS, REQUESTS } from './schema/requests.ts';
import { FIELDS, NESTED, PACKABLE, SHAPES } from './schema/wire-shape.ts';
import { FIXED64, LEN, MAX_DEPTH, VARINT } from './wire/format.ts';
import { WireReader } from './wire/reader.ts';

const IS_ITEM = new Uint8Array(MessageType.all.length);
for (const { index } of ITEMS) IS_ITEM[index] = 1;

const KEY = (1 << 3) | LEN;
const VALUE = (2 << 3) | LEN;
const STRING_VALUE = (1 << 3) | LEN;
const BOOL_VALUE = (2 << 3) | VARINT;
const INT_VALUE = (3 << 3) | VARINT;
const DOUBLE_VALUE = (4 << 3) | FIXED64;

/**
 * Checks every field of every known message of an `Export<Signal>ServiceRequest` and counts its spans, data
 * points or log records. Unknown fields pass. What it accepts, every other reader of this folder can read.
 *
 * @throws {MalformedOtlpError}
 */
export function countItems(signal: Signal, body: Uint8Array): number {
  return check(new WireReader(body), REQUESTS[signal].index, 0);
}

/** Checks the message of type `type` that fills the reader up to its end; returns the items in it. */
function check(reader: WireReader, type: number, depth: number): number {
  if (depth > MAX_DEPTH)
    throw new MalformedOtlpError(`messages are nested deeper than ${MAX_DEPTH} levels`, reader.pos);
  const { end } = reader;
  let items = IS_ITEM[type]!;
  while (reader.pos < end) {
    const at = reader.pos;
    const tag = reader.tag();
    const number = tag >>> 3;
    const field = type * FIELDS + number;
    const shape = number < FIELDS ? SHAPES[field]! : 0;
    if (shape !== 0 && (tag & 7) + 1 !== (shape & 7)) {
      if ((shape & PACKABLE) === 0 || (tag & 7) !== LEN) wrongType(type, tag, at);
      checkPacked(reader, (shape & 7) - 1);
    } else if (shape === LEN + 1 && NESTED[field] !== 0) {
      const length = reader.length();
      const nested = NESTED[field]! - 1;
      reader.end = reader.pos + length;
      if (nested === KeyValue.index && isPlainAttribute(reader.bytes, reader.pos, reader.end))
        reader.pos = reader.end;
      else items += check(reader, nested, depth + 1);
      reader.end = end;
    } else reader.skip(tag);
  }
  return items;
}

/**
 * Whether the `KeyValue` is written as most are: key, then value, each once and short, and in the value one
 * string, number or boolean. Most messages of a request are such; knowing them halves the time.
 */
function isPlainAttribute(bytes: Uint8Array, start: number, end: number): boolean {
  // The shortest: key tag and length, value tag and length, value field of two bytes.
  if (end - start < 6 || bytes[start] !== KEY) return false;
  const keyLength = bytes[start + 1]!;
  const value = start + 2 + keyLength;
  if (keyLength >= 0x80 || value + 4 > end || bytes[value] !== VALUE) return false;
  const valueLength = bytes[value + 1]!;
  if (valueLength >= 0x80 || value + 2 + valueLength !== end) return false;
  switch (bytes[value + 2]) {
    case STRING_VALUE:
      return bytes[value + 3] === valueLength - 2;
    case DOUBLE_VALUE:
      return valueLength === 9;
    case BOOL_VALUE:
    case INT_VALUE:
      return isVarint(bytes, value + 3, end);
    default:
      return false;
  }
}

function isVarint(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 1 || end - start > 9) return false;
  for (let i = start; i < end - 1; i++) if (bytes[i]! < 0x80) return false;
  return bytes[end - 1]! < 0x80;
}

function checkPacked(reader: WireReader, wireType: number): void {
  const { end } = reader;
  const length = reader.length();
  reader.end = reader.pos + length;
  while (reader.pos < reader.end) {
    if (wireType === VARINT) reader.varint();
    else reader.advance(8);
  }
  reader.end = end;
}

function wrongType(type: number, tag: number, at: number): never {
  const { name, fields } = MessageType.all[type]!;
  const field = fields.find(({ number }) => number === tag >>> 3)!;
  throw new MalformedOtlpError(`${name}.${field.name} has the wrong wire type ${tag & 7}`, at);
}
