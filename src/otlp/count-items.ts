import type { Signal } from '../collector/component.ts';
import { MalformedOtlpError } from './malformed.ts';
import { MessageType } from './schema/message-type.ts';
import { ITEMS, REQUESTS } from './schema/requests.ts';
import { FIELDS, NESTED, PACKABLE, SHAPES } from './schema/wire-shape.ts';
import { LEN, MAX_DEPTH, VARINT } from './wire/format.ts';
import { WireReader } from './wire/reader.ts';

const IS_ITEM = new Uint8Array(MessageType.all.length);
for (const { index } of ITEMS) IS_ITEM[index] = 1;

/**
 * Checks every field of every known message of an `Export<Signal>ServiceRequest` and counts its spans, data points or
 * log records. Unknown fields pass. What it accepts, every other reader of this folder can read.
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
      reader.end = reader.pos + length;
      items += check(reader, NESTED[field]! - 1, depth + 1);
      reader.end = end;
    } else reader.skip(tag);
  }
  return items;
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
