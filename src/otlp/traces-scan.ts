import { AttributeIndex } from './attribute-index.ts';
import type { AttributeValue } from './attribute-value.ts';
import type { ResourceEnvelope, ScopeEnvelope } from './envelope.ts';
import { resources, scopes } from './envelope-pool.ts';
import { MalformedOtlpError } from './malformed.ts';
import {
  ATTRIBUTES,
  COLUMNS,
  END,
  END_LO,
  FIRST_ATTRIBUTE,
  FLAGS,
  KIND,
  NAME,
  PARENT_ID,
  RESOURCE,
  readSpan,
  SCOPE,
  SPAN_ID,
  START,
  START_LO,
  STATUS_CODE,
  TRACE_ID,
  TRACE_STATE,
} from './span-columns.ts';
import { LEN } from './wire/format.ts';
import { WireReader } from './wire/reader.ts';

export type { ResourceEnvelope, ScopeEnvelope } from './envelope.ts';

interface Group<Envelope> {
  readonly start: number;
  readonly end: number;
  envelope: Envelope | undefined;
}

/** The columns of the request being scanned: how many rows there are is known at its end. */
let scratch = new Int32Array(COLUMNS * 1024);
/** A larger one is not kept for the next request. */
const MAX_SCRATCH = COLUMNS * 64 * 1024;

/**
 * Views of the spans of an `ExportTraceServiceRequest`, by index in the order of the request. Nothing is
 * decoded before it is asked for. Strings, numbers and envelopes are copies; `bytes` and bytes values are
 * views, which keep the whole request in memory.
 *
 * The scan checks requests down to the fields of a span. What is nested deeper is checked when it is read:
 * `attribute` throws a `MalformedOtlpError` where it is broken, unless `countItems` has accepted the body
 * before.
 */
export class TracesScan {
  /** Number of spans. */
  count = 0;
  readonly #body: Uint8Array;
  readonly #text: Buffer;
  readonly #columns: Int32Array;
  readonly #resources: Group<ResourceEnvelope>[] = [];
  readonly #scopes: Group<ScopeEnvelope>[] = [];
  /** Made when an attribute is asked for. */
  #attributes: AttributeIndex | undefined;
  #attributesOf = -1;
  /** The trace id asked for last. */
  #traceId = '';
  #traceIdAt = 0;
  #epoch = 0n;
  #epochLo = 0;
  #epochHi = 0;

  constructor(body: Uint8Array) {
    this.#body = body;
    this.#text = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    this.#scanRequest();
    this.#columns = scratch.slice(0, COLUMNS * this.count);
    if (scratch.length > MAX_SCRATCH) scratch = new Int32Array(MAX_SCRATCH);
  }

  /** 32 lower-case hex digits, or '' where there is no valid trace id (absent, not 16 bytes, all zero). */
  traceId(i: number): string {
    const offset = this.#columns[i * COLUMNS + TRACE_ID]!;
    // Spans of one trace often stand side by side.
    if (!this.#isSame(offset, this.#traceIdAt, 16)) {
      this.#traceId = this.#id(offset, 16);
      this.#traceIdAt = offset;
    }
    return this.#traceId;
  }

  /** 16 lower-case hex digits, or '' where there is no valid span id (absent, not 8 bytes, all zero). */
  spanId(i: number): string {
    return this.#id(this.#columns[i * COLUMNS + SPAN_ID]!, 8);
  }

  /** 16 lower-case hex digits, or '' where the span has no (valid) parent. */
  parentSpanId(i: number): string {
    return this.#id(this.#columns[i * COLUMNS + PARENT_ID]!, 8);
  }

  /** The first 32 bits of the span id; with `spanIdLow` 0 where there is no valid one. */
  spanIdHigh(i: number): number {
    return this.#word(this.#columns[i * COLUMNS + SPAN_ID]!, 0);
  }

  spanIdLow(i: number): number {
    return this.#word(this.#columns[i * COLUMNS + SPAN_ID]!, 4);
  }

  /** The first 32 bits of the parent's span id; with `parentIdLow` 0 where there is no valid one. */
  parentIdHigh(i: number): number {
    return this.#word(this.#columns[i * COLUMNS + PARENT_ID]!, 0);
  }

  parentIdLow(i: number): number {
    return this.#word(this.#columns[i * COLUMNS + PARENT_ID]!, 4);
  }

  /** `SpanKind`: 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind(i: number): number {
    return this.#columns[i * COLUMNS + KIND]!;
  }

  name(i: number): string {
    const at = i * COLUMNS + NAME;
    return this.#string(this.#columns[at]!, this.#columns[at + 1]!);
  }

  /** Bits 0 to 7 are the W3C trace flags, bit 8 says that bit 9 is meant, bit 9 that the parent is remote. */
  flags(i: number): number {
    return this.#columns[i * COLUMNS + FLAGS]! >>> 0;
  }

  traceState(i: number): string {
    const at = i * COLUMNS + TRACE_STATE;
    return this.#string(this.#columns[at]!, this.#columns[at + 1]!);
  }

  /** `StatusCode`: 0 unset, 1 ok, 2 error. */
  statusCode(i: number): number {
    return this.#columns[i * COLUMNS + STATUS_CODE]!;
  }

  /** Nanoseconds from `epochUnixNano` to the start. A span without start time starts at Unix time 0. */
  startTime(i: number, epochUnixNano: bigint): number {
    const at = i * COLUMNS + START_LO;
    return this.#since(epochUnixNano, this.#columns[at]! >>> 0, this.#columns[at + 1]! >>> 0);
  }

  /** Nanoseconds from `epochUnixNano` to the end. A span without end time ends at Unix time 0. */
  endTime(i: number, epochUnixNano: bigint): number {
    const at = i * COLUMNS + END_LO;
    return this.#since(epochUnixNano, this.#columns[at]! >>> 0, this.#columns[at + 1]! >>> 0);
  }

  startUnixNano(i: number): bigint {
    return this.#unixNano(i * COLUMNS + START_LO);
  }

  endUnixNano(i: number): bigint {
    return this.#unixNano(i * COLUMNS + END_LO);
  }

  /** The value of the span's first attribute named `key`. Bytes values are views of the request. */
  attribute(i: number, key: string): AttributeValue | undefined {
    this.#attributes ??= new AttributeIndex(this.#body);
    if (this.#attributesOf !== i) this.#indexAttributes(this.#attributes, i);
    return this.#attributes.get(key);
  }

  /** Where the `Span` message begins in the request. */
  spanOffset(i: number): number {
    return this.#columns[i * COLUMNS + START]!;
  }

  /** Length of the `Span` message in bytes. */
  spanSize(i: number): number {
    const at = i * COLUMNS;
    return this.#columns[at + END]! - this.#columns[at + START]!;
  }

  /** The `Span` message: a view of the request. Copy what is held longer than the request. */
  bytes(i: number): Uint8Array {
    const at = i * COLUMNS;
    return this.#body.subarray(this.#columns[at + START]!, this.#columns[at + END]!);
  }

  resource(i: number): ResourceEnvelope {
    const group = this.#resources[this.#columns[i * COLUMNS + RESOURCE]!]!;
    group.envelope ??= resources.take(this.#body, group.start, group.end);
    return group.envelope;
  }

  scope(i: number): ScopeEnvelope {
    const group = this.#scopes[this.#columns[i * COLUMNS + SCOPE]!]!;
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

  /** The same bytes stand at both places; 0 is none. */
  #isSame(a: number, b: number, length: number): boolean {
    if (a === b) return true;
    if (a === 0 || b === 0) return false;
    const body = this.#body;
    let same = 0;
    while (same < length && body[a + same] === body[b + same]) same++;
    return same === length;
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

  #indexAttributes(attributes: AttributeIndex, i: number): void {
    const first = this.#columns[i * COLUMNS + FIRST_ATTRIBUTE]!;
    this.#attributesOf = -1;
    attributes.clear();
    if (first !== 0) attributes.add(first, this.#columns[i * COLUMNS + END]!, ATTRIBUTES);
    this.#attributesOf = i;
  }

  /** Four bytes of an id, signed; 0 where there is none. */
  #word(offset: number, at: number): number {
    if (offset === 0) return 0;
    const body = this.#body;
    const first = offset + at;
    return (body[first]! << 24) | (body[first + 1]! << 16) | (body[first + 2]! << 8) | body[first + 3]!;
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
    const row = this.count++ * COLUMNS;
    if (row + COLUMNS > scratch.length) {
      const grown = new Int32Array(scratch.length * 2);
      grown.set(scratch);
      scratch = grown;
    }
    scratch.fill(0, row, row + COLUMNS);
    scratch[row + RESOURCE] = this.#resources.length - 1;
    scratch[row + SCOPE] = this.#scopes.length - 1;
    readSpan(reader, scratch, row);
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
