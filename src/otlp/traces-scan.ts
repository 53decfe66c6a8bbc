import { AttributeIndex } from './attribute-index.ts';
import type { AttributeValue } from './attribute-value.ts';
import type { ResourceEnvelope, ScopeEnvelope } from './envelope.ts';
import { resources, scopes } from './envelope-pool.ts';
import { MalformedOtlpError } from './malformed.ts';
import { FIXED32, FIXED64, LEN, VARINT } from './wire/format.ts';
import { WireReader } from './wire/reader.ts';

export type { ResourceEnvelope, ScopeEnvelope } from './envelope.ts';

/** Columns of a span. Offsets are into the body; 0 means the field is absent. A text's length follows its offset. */
const START = 0;
const END = 1;
const TRACE_ID = 2;
const SPAN_ID = 3;
const PARENT_ID = 4;
const NAME = 5;
const KIND = 7;
const START_LO = 8;
const START_HI = 9;
const END_LO = 10;
const END_HI = 11;
const FLAGS = 12;
const TRACE_STATE = 13;
const STATUS_CODE = 15;
const FIRST_ATTRIBUTE = 16;
const RESOURCE = 17;
const SCOPE = 18;
const STRIDE = 19;

const ATTRIBUTES = (9 << 3) | LEN;

interface Group<Envelope> {
  readonly start: number;
  readonly end: number;
  envelope: Envelope | undefined;
}

/**
 * Views of the spans of an `ExportTraceServiceRequest`, by index in the order of the request. Nothing is decoded
 * before it is asked for. Strings, numbers and envelopes are copies; `bytes` and bytes values are views, which keep the
 * whole request in memory.
 *
 * The scan checks requests down to the fields of a span. What is nested deeper is checked when it is read:
 * `attribute` throws a `MalformedOtlpError` where it is broken, unless `countItems` has accepted the body before.
 */
export class TracesScan {
  /** Number of spans. */
  count = 0;
  readonly #body: Uint8Array;
  readonly #text: Buffer;
  #columns: Int32Array;
  readonly #resources: Group<ResourceEnvelope>[] = [];
  readonly #scopes: Group<ScopeEnvelope>[] = [];
  readonly #attributes: AttributeIndex;
  #attributesOf = -1;
  #epoch = 0n;
  #epochLo = 0;
  #epochHi = 0;

  constructor(body: Uint8Array) {
    this.#body = body;
    this.#text = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    this.#columns = new Int32Array(STRIDE * (8 + (body.length >>> 8)));
    this.#attributes = new AttributeIndex(body);
    this.#scanRequest();
  }

  /** 32 lower-case hex digits, or '' where there is no valid trace id (absent, not 16 bytes, all zero). */
  traceId(i: number): string {
    return this.#id(this.#columns[i * STRIDE + TRACE_ID]!, 16);
  }

  /** 16 lower-case hex digits, or '' where there is no valid span id (absent, not 8 bytes, all zero). */
  spanId(i: number): string {
    return this.#id(this.#columns[i * STRIDE + SPAN_ID]!, 8);
  }

  /** 16 lower-case hex digits, or '' where the span has no (valid) parent. */
  parentSpanId(i: number): string {
    return this.#id(this.#columns[i * STRIDE + PARENT_ID]!, 8);
  }

  /** `SpanKind`: 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind(i: number): number {
    return this.#columns[i * STRIDE + KIND]!;
  }

  name(i: number): string {
    const at = i * STRIDE + NAME;
    return this.#string(this.#columns[at]!, this.#columns[at + 1]!);
  }

  /** Bits 0 to 7 are the W3C trace flags, bit 8 says that bit 9 is meant, bit 9 that the parent is remote. */
  flags(i: number): number {
    return this.#columns[i * STRIDE + FLAGS]! >>> 0;
  }

  traceState(i: number): string {
    const at = i * STRIDE + TRACE_STATE;
    return this.#string(this.#columns[at]!, this.#columns[at + 1]!);
  }

  /** `StatusCode`: 0 unset, 1 ok, 2 error. */
  statusCode(i: number): number {
    return this.#columns[i * STRIDE + STATUS_CODE]!;
  }

  /** Nanoseconds from `epochUnixNano` to the start. A span without start time starts at Unix time 0. */
  startTime(i: number, epochUnixNano: bigint): number {
    const at = i * STRIDE + START_LO;
    return this.#since(epochUnixNano, this.#columns[at]! >>> 0, this.#columns[at + 1]! >>> 0);
  }

  /** Nanoseconds from `epochUnixNano` to the end. A span without end time ends at Unix time 0. */
  endTime(i: number, epochUnixNano: bigint): number {
    const at = i * STRIDE + END_LO;
    return this.#since(epochUnixNano, this.#columns[at]! >>> 0, this.#columns[at + 1]! >>> 0);
  }

  startUnixNano(i: number): bigint {
    return this.#unixNano(i * STRIDE + START_LO);
  }

  endUnixNano(i: number): bigint {
    return this.#unixNano(i * STRIDE + END_LO);
  }

  /** The value of the span's first attribute named `key`. Bytes values are views of the request. */
  attribute(i: number, key: string): AttributeValue | undefined {
    if (this.#attributesOf !== i) this.#indexAttributes(i);
    return this.#attributes.get(key);
  }

  /** The `Span` message: a view of the request. Copy what is held longer than the request. */
  bytes(i: number): Uint8Array {
    const at = i * STRIDE;
    return this.#body.subarray(this.#columns[at + START]!, this.#columns[at + END]!);
  }

  resource(i: number): ResourceEnvelope {
    const group = this.#resources[this.#columns[i * STRIDE + RESOURCE]!]!;
    group.envelope ??= resources.take(this.#body, group.start, group.end);
    return group.envelope;
  }

  scope(i: number): ScopeEnvelope {
    const group = this.#scopes[this.#columns[i * STRIDE + SCOPE]!]!;
    group.envelope ??= scopes.take(this.#body, group.start, group.end);
    return group.envelope;
  }

  #id(offset: number, length: number): string {
    if (offset === 0) return '';
    const body = this.#body;
    let bits = 0;
    for (let i = offset; i < offset + length; i++) bits |= body[i]!;
    return bits === 0 ? '' : this.#text.toString('hex', offset, offset + length);
  }

  #string(offset: number, length: number): string {
    return length === 0 ? '' : this.#text.toString('utf8', offset, offset + length);
  }

  #since(epoch: bigint, lo: number, hi: number): number {
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#epochLo = Number(BigInt.asUintN(32, epoch));
      this.#epochHi = Number(epoch >> 32n);
    }
    return (hi - this.#epochHi) * 2 ** 32 + (lo - this.#epochLo);
  }

  #unixNano(at: number): bigint {
    return (BigInt(this.#columns[at + 1]! >>> 0) << 32n) | BigInt(this.#columns[at]! >>> 0);
  }

  #indexAttributes(i: number): void {
    const first = this.#columns[i * STRIDE + FIRST_ATTRIBUTE]!;
    this.#attributesOf = -1;
    this.#attributes.clear();
    if (first !== 0) this.#attributes.add(first, this.#columns[i * STRIDE + END]!, ATTRIBUTES);
    this.#attributesOf = i;
  }

  #scanRequest(): void {
    const reader = new WireReader(this.#body);
    const { end } = reader;
    while (reader.pos < end) {
      const tag = reader.tag();
      if (tag >>> 3 !== 1) {
        reader.skip(tag);
        continue;
      }
      enter(reader, tag);
      this.#scanResourceSpans(reader);
      reader.end = end;
    }
  }

  #scanResourceSpans(reader: WireReader): void {
    const { end } = reader;
    this.#resources.push({ start: reader.pos, end, envelope: undefined });
    while (reader.pos < end) {
      const tag = reader.tag();
      if (tag >>> 3 !== 2) {
        reader.skip(tag);
        continue;
      }
      enter(reader, tag);
      this.#scanScopeSpans(reader);
      reader.end = end;
    }
  }

  #scanScopeSpans(reader: WireReader): void {
    const { end } = reader;
    this.#scopes.push({ start: reader.pos, end, envelope: undefined });
    while (reader.pos < end) {
      const tag = reader.tag();
      if (tag >>> 3 !== 2) {
        reader.skip(tag);
        continue;
      }
      enter(reader, tag);
      this.#scanSpan(reader);
      reader.end = end;
    }
  }

  #scanSpan(reader: WireReader): void {
    const row = this.count++ * STRIDE;
    if (row + STRIDE > this.#columns.length) {
      const grown = new Int32Array(this.#columns.length * 2);
      grown.set(this.#columns);
      this.#columns = grown;
    }
    const columns = this.#columns;
    const { end } = reader;
    columns[row + START] = reader.pos;
    columns[row + END] = end;
    columns[row + RESOURCE] = this.#resources.length - 1;
    columns[row + SCOPE] = this.#scopes.length - 1;
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
}

/** Reads an `ExportTraceServiceRequest` in one pass. @throws {MalformedOtlpError} */
export function scanTraces(body: Uint8Array): TracesScan {
  return new TracesScan(body);
}

function enter(reader: WireReader, tag: number): void {
  if ((tag & 7) !== LEN)
    throw new MalformedOtlpError(`field ${tag >>> 3} has the wrong wire type ${tag & 7}`, reader.pos);
  const length = reader.length();
  reader.end = reader.pos + length;
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
