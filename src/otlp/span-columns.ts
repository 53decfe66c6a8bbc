import { MalformedOtlpError } from './malformed.ts';
import { FIXED32, FIXED64, LEN, VARINT } from './wire/format.ts';
import type { WireReader } from './wire/reader.ts';

/**
 * Columns of a span. Offsets are into the body; 0 means the field is absent. A text's length follows its
 * offset.
 */
export const START = 0;
export const END = 1;
export const TRACE_ID = 2;
export const SPAN_ID = 3;
export const PARENT_ID = 4;
export const NAME = 5;
export const KIND = 7;
export const START_LO = 8;
export const START_HI = 9;
export const END_LO = 10;
export const END_HI = 11;
export const FLAGS = 12;
export const TRACE_STATE = 13;
export const STATUS_CODE = 15;
export const FIRST_ATTRIBUTE = 16;
export const RESOURCE = 17;
export const SCOPE = 18;
export const COLUMNS = 19;

export const ATTRIBUTES = (9 << 3) | LEN;

/**
 * Fills a row (zeroed before) with the places and values of the `Span` message that fills the reader up to
 * its end. Resource and scope are the caller's.
 *
 * @throws {MalformedOtlpError}
 */
export function readSpan(reader: WireReader, columns: Int32Array, row: number): void {
  const { end } = reader;
  columns[row + START] = reader.pos;
  columns[row + END] = end;
  while (reader.pos < end) {
    const field = reader.pos;
    const tag = reader.tag();
    switch (tag) {
      case ATTRIBUTES:
        if (columns[row + FIRST_ATTRIBUTE] === 0) columns[row + FIRST_ATTRIBUTE] = field;
        reader.skip(tag);
        break;
      case (1 << 3) | LEN:
        id(reader, columns, row + TRACE_ID, 16);
        break;
      case (2 << 3) | LEN:
        id(reader, columns, row + SPAN_ID, 8);
        break;
      case (3 << 3) | LEN:
        string(reader, columns, row + TRACE_STATE);
        break;
      case (4 << 3) | LEN:
        id(reader, columns, row + PARENT_ID, 8);
        break;
      case (5 << 3) | LEN:
        string(reader, columns, row + NAME);
        break;
      case (6 << 3) | VARINT:
        reader.varint();
        columns[row + KIND] = reader.lo;
        break;
      case (7 << 3) | FIXED64:
        reader.fixed64();
        columns[row + START_LO] = reader.lo;
        columns[row + START_HI] = reader.hi;
        break;
      case (8 << 3) | FIXED64:
        reader.fixed64();
        columns[row + END_LO] = reader.lo;
        columns[row + END_HI] = reader.hi;
        break;
      case (15 << 3) | LEN:
        reader.end = reader.length() + reader.pos;
        statusCode(reader, columns, row + STATUS_CODE);
        reader.end = end;
        break;
      case (16 << 3) | FIXED32:
        columns[row + FLAGS] = reader.fixed32();
        break;
      default:
        checkWireType(tag, field);
        reader.skip(tag);
    }
  }
}

function id(reader: WireReader, columns: Int32Array, column: number, size: number): void {
  const length = reader.length();
  columns[column] = length === size ? reader.pos : 0;
  reader.pos += length;
}

function string(reader: WireReader, columns: Int32Array, column: number): void {
  const length = reader.length();
  columns[column] = reader.pos;
  columns[column + 1] = length;
  reader.pos += length;
}

function statusCode(reader: WireReader, columns: Int32Array, column: number): void {
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === ((3 << 3) | VARINT)) {
      reader.varint();
      columns[column] = reader.lo;
    } else if (tag >>> 3 === 3)
      throw new MalformedOtlpError(`field 3 of a status has the wrong wire type ${tag & 7}`, reader.pos);
    else reader.skip(tag);
  }
}

/** The fields of `Span` that the scan does not read: 10, 12, 14 are counts, 11 and 13 events and links. */
function checkWireType(tag: number, at: number): void {
  const number = tag >>> 3;
  if (number > 16) return;
  const expected = number === 10 || number === 12 || number === 14 ? VARINT : LEN;
  const read = number <= 9 || number === 15 || number === 16;
  if (read || (tag & 7) !== expected)
    throw new MalformedOtlpError(`field ${number} of a span has the wrong wire type ${tag & 7}`, at);
}
