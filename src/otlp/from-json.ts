import { isUtf8 } from 'node:buffer';
import type { Signal } from '../collector/component.ts';
import { CLOSE_BRACE, CLOSE_BRACKET, JsonReader, kindOf, OPEN_BRACE, OPEN_BRACKET } from './json-reader.ts';
import { JsonScalars } from './json-scalars.ts';
import { MalformedOtlpError } from './malformed.ts';
import { slotOf } from './schema/json-names.ts';
import { type Field, MessageType } from './schema/message-type.ts';
import { REQUESTS } from './schema/requests.ts';
import { WIRE_TYPE } from './schema/wire-shape.ts';
import { LEN, MAX_DEPTH } from './wire/format.ts';
import { WireWriter } from './wire/writer.ts';

const BYTE_ORDER_MARK = Buffer.of(0xef, 0xbb, 0xbf);
const NULL = 0x6e;

/**
 * The `Export<Signal>ServiceRequest` that an OTLP/JSON body stands for, as protobuf. Ids are hex of either
 * case and of the right length, other bytes base64; enums are numbers or names; integers of 64 bits are
 * strings or numbers, exact either way; doubles are numbers, "NaN", "Infinity" or "-Infinity". Fields go by
 * their lowerCamelCase or snake_case name; unknown ones are passed over, and null is as good as absent.
 *
 * @throws {MalformedOtlpError} naming the field where the body is JSON but no request
 */
export function fromJson(signal: Signal, body: Uint8Array): Uint8Array {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  if (!isUtf8(bytes)) throw new MalformedOtlpError('JSON must be UTF-8, which ends', badUtf8(bytes));
  return new Decoder(bytes).run(REQUESTS[signal]);
}

/** Position of the first byte that is no UTF-8. */
function badUtf8(bytes: Buffer): number {
  const replaced = Buffer.from(bytes.toString('utf8'));
  let at = 0;
  while (at < bytes.length && bytes[at] === replaced[at]) at++;
  return at;
}

class Decoder {
  readonly #reader: JsonReader;
  readonly #out: WireWriter;
  readonly #scalars: JsonScalars;
  /** Names and indices that lead to what is being read. */
  readonly #path: (string | number)[] = [];

  constructor(bytes: Buffer) {
    const start = bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) ? 3 : 0;
    this.#reader = new JsonReader(bytes, start);
    this.#out = new WireWriter(64 + (bytes.length >>> 1));
    this.#scalars = new JsonScalars(this.#reader, this.#out, (what, at) => this.#fail(what, at));
  }

  run(type: MessageType): Uint8Array {
    this.#message(type, 0);
    this.#reader.finish();
    return this.#out.copy();
  }

  /** Writes the fields of the object that comes next. */
  #message(type: MessageType, depth: number): void {
    const reader = this.#reader;
    this.#expect(OPEN_BRACE, 'an object');
    if (depth > MAX_DEPTH) this.#fail(`messages are nested deeper than ${MAX_DEPTH} levels`, reader.pos);
    let seen = 0;
    for (let more = reader.open(CLOSE_BRACE); more; more = reader.next(CLOSE_BRACE)) {
      const slot = this.#slot(type);
      if (slot < 0) reader.skip();
      else if (!this.#null()) {
        const field = type.fields[slot]!;
        this.#path.push(field.name);
        this.#field(field, (seen & (1 << slot)) !== 0, depth);
        this.#path.pop();
        seen |= 1 << slot;
      }
    }
  }

  /** Reads the name of a member: the slot of its field, -1 where there is none. */
  #slot(type: MessageType): number {
    const reader = this.#reader;
    reader.key();
    if (!reader.escaped) return slotOf(type, reader.bytes, reader.start, reader.end);
    const name = Buffer.from(reader.text());
    return slotOf(type, name, 0, name.length);
  }

  /** A later member of the same name adds to a list and to a message, and takes the place of a value. */
  #field(field: Field, again: boolean, depth: number): void {
    const { type, name, cardinality } = field;
    const { length } = this.#out;
    if (cardinality === 'repeated') this.#list(field, depth);
    else if (type instanceof MessageType) this.#nested(field.number, type, depth);
    else {
      this.#out.varint((field.number << 3) | WIRE_TYPE[type]);
      const isDefault = this.#scalars.transcode(type, name);
      if (isDefault && cardinality === 'singular' && !again) this.#out.length = length;
    }
  }

  #list(field: Field, depth: number): void {
    const reader = this.#reader;
    const { type, number, name } = field;
    this.#expect(OPEN_BRACKET, 'an array');
    let more = reader.open(CLOSE_BRACKET);
    if (!more) return;
    const isPacked = !(type instanceof MessageType) && WIRE_TYPE[type] !== LEN;
    this.#path.push(0);
    const last = this.#path.length - 1;
    if (isPacked) this.#out.varint((number << 3) | LEN);
    const start = isPacked ? this.#out.begin() : 0;
    for (let index = 0; more; more = reader.next(CLOSE_BRACKET)) {
      this.#path[last] = index++;
      if (type instanceof MessageType) this.#nested(number, type, depth);
      else {
        if (!isPacked) this.#out.varint((number << 3) | LEN);
        this.#scalars.transcode(type, name);
      }
    }
    if (isPacked) this.#out.end(start);
    this.#path.pop();
  }

  /** A nested message. Null in a list is an empty one, as in the Collector: a list keeps its length. */
  #nested(number: number, type: MessageType, depth: number): void {
    this.#out.varint((number << 3) | LEN);
    const start = this.#out.begin();
    if (!this.#null()) this.#message(type, depth + 1);
    this.#out.end(start);
  }

  /** Takes a null where it stands. */
  #null(): boolean {
    return this.#reader.peek() === NULL && this.#reader.literal('null');
  }

  #expect(bracket: number, what: string): void {
    const byte = this.#reader.peek();
    if (byte !== bracket) this.#fail(`${what} is expected, got ${kindOf(byte)}`, this.#reader.pos);
  }

  #fail(what: string, at: number): never {
    const path = this.#path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
    throw new MalformedOtlpError(path === '' ? what : `${path.slice(1)}: ${what}`, at);
  }
}
