import { DecimalInteger } from './decimal-integer.ts';
import { type JsonReader, kindOf, QUOTE } from './json-reader.ts';
import { ENUM_NAMES } from './schema/enum-names.ts';
import type { Scalar } from './schema/message-type.ts';
import type { WireWriter } from './wire/writer.ts';

const BASE64 = /^[\w+/-]*={0,2}$/;
const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const MAX_SHOWN = 40;

const DIGITS = new Int8Array(256).fill(-1);
for (let i = 0; i < 10; i++) DIGITS[0x30 + i] = i;
for (let i = 0; i < 6; i++) DIGITS[0x61 + i] = DIGITS[0x41 + i] = 10 + i;

/** Bytes of the ids, by field. */
const ID_BYTES: Readonly<Record<string, number>> = { traceId: 16, spanId: 8, parentSpanId: 8 };

/** Reads the values of fields from OTLP/JSON and writes them as protobuf. */
export class JsonScalars {
  readonly #reader: JsonReader;
  readonly #out: WireWriter;
  readonly #fail: (what: string, at: number) => never;
  readonly #integer = new DecimalInteger();

  /** `fail` throws what is wrong with the value of the field that is being read. */
  constructor(reader: JsonReader, out: WireWriter, fail: (what: string, at: number) => never) {
    this.#reader = reader;
    this.#out = out;
    this.#fail = fail;
  }

  /**
   * Reads the value that comes next and writes it without its tag. `name` is the field's.
   *
   * @returns whether it is the default of its type.
   */
  transcode(type: Scalar, name: string): boolean {
    switch (type) {
      case 'string':
        return this.#string();
      case 'id':
        return this.#id(ID_BYTES[name]!);
      case 'bytes':
        return this.#bytes();
      case 'bool':
        return this.#bool();
      case 'double':
        return this.#double();
      case 'enum':
        return this.#enum(ENUM_NAMES[name]!);
      default:
        return this.#int(type);
    }
  }

  #string(): boolean {
    const reader = this.#reader;
    this.#quoted('a string');
    if (reader.escaped) this.#out.text(reader.text());
    else this.#out.part(reader.bytes, reader.start, reader.end);
    return reader.start === reader.end;
  }

  #id(size: number): boolean {
    const at = this.#reader.pos;
    this.#quoted(`a string of ${2 * size} hex digits`);
    const { bytes, start, end } = this.#content();
    const out = this.#out;
    if (end - start !== 2 * size && end !== start) this.#badId(size, at);
    out.varint((end - start) / 2);
    out.reserve(size);
    for (let i = start; i < end; i += 2) {
      const byte = (DIGITS[bytes[i]!]! << 4) | DIGITS[bytes[i + 1]!]!;
      if (byte < 0) this.#badId(size, at);
      out.bytes[out.length++] = byte;
    }
    return start === end;
  }

  #bytes(): boolean {
    const at = this.#reader.pos;
    this.#quoted('a string of base64');
    const text = this.#reader.text();
    const digits = text.indexOf('=') < 0 ? text.length : text.indexOf('=');
    if (!BASE64.test(text) || digits % 4 === 1 || (digits < text.length && text.length % 4 !== 0))
      this.#fail(`base64 is expected, got ${this.#shown()}`, at);
    const value = Buffer.from(text, 'base64');
    this.#out.part(value, 0, value.length);
    return value.length === 0;
  }

  #bool(): boolean {
    const reader = this.#reader;
    const isTrue = reader.peek() === 0x74 && reader.literal('true');
    if (!isTrue && !reader.literal('false')) this.#wrongKind('true or false');
    this.#out.varint(isTrue ? 1 : 0);
    return !isTrue;
  }

  #double(): boolean {
    const at = this.#reader.pos;
    const quoted = this.#number('a number');
    const text = this.#reader.text();
    let value = Number(text);
    if (quoted && text === 'NaN') value = Number.NaN;
    else if (quoted && /^-?Infinity$/.test(text)) value = Number(text);
    else if (quoted && !NUMBER.test(text))
      this.#fail(`a number, "NaN", "Infinity" or "-Infinity" is expected, got ${this.#shown()}`, at);
    else if (!Number.isFinite(value)) this.#fail(`${this.#shown()} is beyond the range of a double`, at);
    this.#out.double(value);
    return Object.is(value, 0);
  }

  #enum(names: ReadonlyMap<string, number>): boolean {
    const at = this.#reader.pos;
    const quoted = this.#number('a number or a name');
    const known = quoted ? names.get(this.#reader.text()) : undefined;
    if (known !== undefined) {
      this.#out.varint(known);
      return known === 0;
    }
    const { bytes, start, end } = this.#content();
    if (!this.#integer.read(bytes, start, end) || !this.#fits('int32')) {
      const last = [...names.keys()].at(-1)!;
      this.#fail(`${this.#shown()} is no value of this enum, such as ${names.size - 1} or "${last}"`, at);
    }
    return this.#write('int32');
  }

  #int(type: Scalar): boolean {
    const at = this.#reader.pos;
    this.#number('an integer');
    const { bytes, start, end } = this.#content();
    if (!this.#integer.read(bytes, start, end) || !this.#fits(type))
      this.#fail(`an integer in the range of ${type} is expected, got ${this.#shown()}`, at);
    return this.#write(type);
  }

  /** Whether the integer read last is in the range of this type. */
  #fits(type: Scalar): boolean {
    const { lo, hi, negative } = this.#integer;
    switch (type) {
      case 'uint64':
      case 'fixed64':
        return !negative || (lo | hi) === 0;
      case 'uint32':
      case 'fixed32':
        return hi === 0 && (!negative || lo === 0);
      case 'int64':
      case 'sfixed64':
        return hi < 2 ** 31 || (negative && hi === 2 ** 31 && lo === 0);
      default:
        return hi === 0 && (lo < 2 ** 31 || (negative && lo === 2 ** 31));
    }
  }

  /** Writes the integer read last. */
  #write(type: Scalar): boolean {
    const integer = this.#integer;
    integer.complement();
    const { lo, hi } = integer;
    if (type === 'fixed64' || type === 'sfixed64') this.#out.fixed64(lo, hi);
    else if (type === 'fixed32') this.#out.fixed32(lo);
    else if (type === 'sint32') this.#out.varintHalves((lo << 1) ^ (lo >> 31), 0);
    else this.#out.varintHalves(lo, hi);
    return (lo | hi) === 0;
  }

  /** Reads a string. */
  #quoted(expected: string): void {
    if (this.#reader.peek() !== QUOTE) this.#wrongKind(expected);
    this.#reader.string();
  }

  /** Reads a number, or a string that should hold one: true when it is a string. */
  #number(expected: string): boolean {
    const first = this.#reader.peek();
    if (first === QUOTE) {
      this.#reader.string();
      return true;
    }
    if (kindOf(first) !== 'a number') this.#wrongKind(expected);
    this.#reader.number();
    return false;
  }

  /** What the string or number read last stands for. */
  #content(): { readonly bytes: Buffer; readonly start: number; readonly end: number } {
    const { bytes, start, end, escaped } = this.#reader;
    if (!escaped) return { bytes, start, end };
    const text = Buffer.from(this.#reader.text());
    return { bytes: text, start: 0, end: text.length };
  }

  #shown(): string {
    const text = this.#reader.text();
    return JSON.stringify(text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);
  }

  #badId(size: number, at: number): never {
    this.#fail(`${2 * size} hex digits or an empty string are expected, got ${this.#shown()}`, at);
  }

  #wrongKind(expected: string): never {
    const { pos } = this.#reader;
    this.#fail(`${expected} is expected, got ${kindOf(this.#reader.peek())}`, pos);
  }
}
