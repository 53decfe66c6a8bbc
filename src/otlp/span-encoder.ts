import type { Nanos } from '../collector/clock.ts';
import type { SpanSink } from '../receiver/ebpf/protocols/protocol.ts';
import { encodeSpanAttributes } from './attributes.ts';
import { putHex } from './ids.ts';
import { FIXED32, FIXED64, LEN, longVarintSize, putLongVarint, VARINT, varintSize } from './wire/format.ts';
import { WireWriter } from './wire/writer.ts';

const ATTRIBUTE = (9 << 3) | LEN;
const KEY = (1 << 3) | LEN;
const VALUE = (2 << 3) | LEN;
const STRING_VALUE = (1 << 3) | LEN;
const BOOL_VALUE = (2 << 3) | VARINT;
const INT_VALUE = (3 << 3) | VARINT;

const STATUS_ERROR = 2;
const MAX_KEYS = 4096;
const TWO_32 = 2 ** 32;

/** `key` and the tag of the value that follows, encoded; keys come from the code, so there are few. */
const keys = new Map<string, Uint8Array>();

function keyField(key: string): Uint8Array {
  const known = keys.get(key);
  if (known) return known;
  const writer = new WireWriter();
  writer.varint(KEY);
  writer.text(key);
  writer.varint(VALUE);
  const field = writer.copy();
  if (keys.size >= MAX_KEYS) keys.clear();
  keys.set(key, field);
  return field;
}

/**
 * Encodes spans one after the other: `begin`, what a `SpanSink` takes, `finish`. Fields are written in the
 * order of the calls, which protobuf allows.
 *
 * ```ts
 * const encoder = new SpanEncoder(clock.epochUnixNano);
 * encoder.begin(traceId, spanId, undefined, SERVER, exchange.start, exchange.end, 1);
 * encoder.name('GET');
 * encoder.int('http.response.status_code', 200);
 * builder.add(resource, resourceKey, scope, scopeKey, encoder.finish());
 * ```
 */
export class SpanEncoder implements SpanSink {
  readonly #writer = new WireWriter(4096);
  readonly #epochLo: number;
  readonly #epochHi: number;

  /** Times given as numbers count nanoseconds from `epochUnixNano`. */
  constructor(epochUnixNano = 0n) {
    this.#epochLo = Number(BigInt.asUintN(32, epochUnixNano));
    this.#epochHi = Number(epochUnixNano >> 32n);
  }

  /**
   * Begins a span. Ids are bytes or hex digits; times are nanoseconds from the encoder's epoch, or Unix time
   * as a bigint; `kind` is the `SpanKind` of OTLP (1 internal, 2 server, 3 client, 4 producer, 5 consumer).
   */
  begin(
    traceId: Uint8Array | string,
    spanId: Uint8Array | string,
    parentSpanId: Uint8Array | string | undefined,
    kind: number,
    start: Nanos | bigint,
    end: Nanos | bigint,
    flags = 0,
    traceState = '',
  ): void {
    const writer = this.#writer;
    writer.length = 0;
    writer.reserve(80);
    this.#id((1 << 3) | LEN, traceId);
    this.#id((2 << 3) | LEN, spanId);
    if (parentSpanId !== undefined && parentSpanId.length > 0) this.#id((4 << 3) | LEN, parentSpanId);
    const { bytes } = writer;
    bytes[writer.length++] = (6 << 3) | VARINT;
    bytes[writer.length++] = kind;
    this.#time((7 << 3) | FIXED64, start);
    this.#time((8 << 3) | FIXED64, end);
    if (flags !== 0) {
      writer.varint((16 << 3) | FIXED32);
      writer.fixed32(flags);
    }
    if (traceState !== '') {
      writer.varint((3 << 3) | LEN);
      writer.text(traceState);
    }
  }

  name(value: string): void {
    this.#writer.reserve(1);
    this.#writer.bytes[this.#writer.length++] = (5 << 3) | LEN;
    this.#writer.text(value);
  }

  string(key: string, value: string): void {
    const field = keyField(key);
    const writer = this.#writer;
    // In one-byte lengths: the entry is the key field, the value's length, and its string field.
    const size = value.length;
    const entry = field.length + 3 + size;
    if (entry >= 0x80) {
      this.#anyString(field, value);
      return;
    }
    writer.reserve(entry + 2);
    const { bytes } = writer;
    let at = writer.length;
    bytes[at++] = ATTRIBUTE;
    bytes[at++] = entry;
    for (let i = 0; i < field.length; i++) bytes[at++] = field[i]!;
    bytes[at++] = size + 2;
    bytes[at++] = STRING_VALUE;
    bytes[at++] = size;
    for (let i = 0; i < size; i++) {
      const code = value.charCodeAt(i);
      if (code >= 0x80) {
        this.#anyString(field, value);
        return;
      }
      bytes[at++] = code;
    }
    writer.length = at;
  }

  /** An `int64`; a number that is no integer is written as a double. */
  int(key: string, value: number | bigint): void {
    const field = keyField(key);
    const writer = this.#writer;
    if (!(value >= 0 && Number.isSafeInteger(value)) || field.length > 100) {
      writer.raw(encodeSpanAttributes([[key, value]]));
      return;
    }
    writer.reserve(field.length + 14);
    const { bytes } = writer;
    const number = value as number;
    const size = 1 + longVarintSize(number);
    let at = writer.length;
    bytes[at++] = ATTRIBUTE;
    bytes[at++] = field.length + 1 + size;
    for (let i = 0; i < field.length; i++) bytes[at++] = field[i]!;
    bytes[at++] = size;
    bytes[at++] = INT_VALUE;
    writer.length = putLongVarint(bytes, at, number);
  }

  bool(key: string, value: boolean): void {
    const field = keyField(key);
    const writer = this.#writer;
    writer.varint(ATTRIBUTE);
    writer.varint(field.length + 3);
    writer.raw(field);
    writer.varint(2);
    writer.varint(BOOL_VALUE);
    writer.varint(value ? 1 : 0);
  }

  strings(key: string, values: readonly string[]): void {
    this.#writer.raw(encodeSpanAttributes([[key, values]]));
  }

  /**
   * Attributes encoded before (see `encodeSpanAttributes`), such as those that all spans of a connection
   * share.
   */
  attributes(encoded: Uint8Array): void {
    this.#writer.raw(encoded);
  }

  /** A link encoded before (see `encodeSpanLink`). */
  link(encoded: Uint8Array): void {
    this.#writer.raw(encoded);
  }

  error(message = ''): void {
    const status = new WireWriter();
    if (message !== '') {
      status.varint((2 << 3) | LEN);
      status.text(message);
    }
    status.varint((3 << 3) | VARINT);
    status.varint(STATUS_ERROR);
    this.#writer.field((15 << 3) | LEN, status.copy());
  }

  /** The `Span` message: a copy, the caller's to keep. */
  finish(): Uint8Array {
    return this.#writer.copy();
  }

  #anyString(field: Uint8Array, value: string): void {
    const text = WireWriter.textSize(value);
    const writer = this.#writer;
    const valueLength = 1 + text;
    const lengthOfLength = varintSize(valueLength);
    writer.varint(ATTRIBUTE);
    writer.varint(field.length + lengthOfLength + valueLength);
    writer.raw(field);
    writer.varint(valueLength);
    writer.varint(STRING_VALUE);
    writer.text(value);
  }

  #id(tag: number, id: Uint8Array | string): void {
    const writer = this.#writer;
    const { bytes } = writer;
    bytes[writer.length++] = tag;
    if (typeof id === 'string') {
      bytes[writer.length++] = id.length >>> 1;
      writer.length = putHex(bytes, writer.length, id);
    } else {
      bytes[writer.length++] = id.length;
      for (let i = 0; i < id.length; i++) bytes[writer.length++] = id[i]!;
    }
  }

  #time(tag: number, time: Nanos | bigint): void {
    const writer = this.#writer;
    writer.bytes[writer.length++] = tag;
    if (typeof time === 'bigint') {
      writer.fixed64(Number(BigInt.asUintN(32, time)), Number(BigInt.asUintN(32, time >> 32n)));
      return;
    }
    const nanos = Math.round(time);
    const high = Math.floor(nanos / TWO_32);
    const lo = this.#epochLo + (nanos - high * TWO_32);
    const carry = lo >= TWO_32 ? 1 : 0;
    writer.fixed64(lo - carry * TWO_32, this.#epochHi + high + carry);
  }
}
