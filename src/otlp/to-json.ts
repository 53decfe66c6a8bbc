import type { Signal } from '../collector/component.ts';
import { doubleOf, int64Of } from './attribute-value.ts';
import { countItems } from './count-items.ts';
import { JsonBytes } from './json-bytes.ts';
import { MessageType, type Scalar } from './schema/message-type.ts';
import { REQUESTS } from './schema/requests.ts';
import { WIRE_TYPE } from './schema/wire-shape.ts';
import { FIXED64, LEN, VARINT } from './wire/format.ts';
import { WireReader } from './wire/reader.ts';

/** Numbers a place takes: slot of the field, wire type, start and end of the value. */
const PLACE = 4;

/** `"name":` of every field, by message and slot. */
const NAMES = MessageType.all.map(({ fields }) => fields.map(({ name }) => Buffer.from(`"${name}":`)));

/**
 * An `Export<Signal>ServiceRequest` in OTLP/JSON, as one line without a newline: lowerCamelCase names, trace
 * and span ids in hex, other bytes in base64, enums as numbers, 64-bit integers as strings, NaN and
 * infinities as strings. Fields that hold their default value and unknown fields are left out.
 *
 * @throws {MalformedOtlpError}
 */
export function toJson(signal: Signal, body: Uint8Array): string {
  countItems(signal, body);
  return new Transcoder(body).run(REQUESTS[signal]);
}

/** Notes where each field of a message is, then writes them in the order of the schema. */
class Transcoder {
  readonly #reader: WireReader;
  readonly #json: JsonBytes;
  /** A stack of places: those of a message lie above those of the message around it. */
  #places = new Int32Array(256 * PLACE);
  #top = 0;

  constructor(body: Uint8Array) {
    this.#reader = new WireReader(body);
    this.#json = new JsonBytes(64 + 3 * body.length);
  }

  run(type: MessageType): string {
    const { end } = this.#reader;
    this.#push(0, LEN, 0, end);
    this.#message(type, 0, this.#top, 0);
    return this.#json.toString();
  }

  /**
   * Writes the message whose pieces are the places of `slot` from `first` to `last`: a singular message that
   * stands more than once is the merged one.
   */
  #message(type: MessageType, first: number, last: number, slot: number): void {
    const base = this.#top;
    let oneof = -1;
    let oneofBase = base;
    for (let at = first; at < last; at += PLACE) {
      if (this.#places[at] !== slot) continue;
      const reader = this.#reader;
      reader.pos = this.#places[at + 2]!;
      reader.end = this.#places[at + 3]!;
      while (reader.pos < reader.end) {
        const tag = reader.tag();
        const found = type.slots[tag >>> 3];
        if (found !== undefined && type.fields[found]!.cardinality === 'oneof' && found !== oneof) {
          // Of the members of a oneof the last one on the wire counts.
          oneof = found;
          oneofBase = this.#top;
        }
        let start = reader.pos;
        if ((tag & 7) === LEN) {
          const length = reader.length();
          start = reader.pos;
          reader.pos += length;
        } else reader.skip(tag);
        if (found !== undefined) this.#push(found, tag & 7, start, reader.pos);
      }
    }
    this.#members(type, base, oneof, oneofBase);
    this.#top = base;
  }

  /** Writes the fields whose places begin at `base`. */
  #members(type: MessageType, base: number, oneof: number, oneofBase: number): void {
    const names = NAMES[type.index]!;
    const top = this.#top;
    let separator = '{';
    for (let slot = 0; slot < names.length; slot++) {
      const { type: fieldType, cardinality } = type.fields[slot]!;
      if (cardinality === 'oneof' && slot !== oneof) continue;
      const first = cardinality === 'oneof' ? oneofBase : base;
      const at = this.#lastPlace(slot, first, top, cardinality === 'repeated' && isScalarNumber(fieldType));
      if (at < 0 || (cardinality === 'singular' && this.#isDefault(fieldType, at))) continue;
      this.#json.ascii(separator);
      this.#json.raw(names[slot]!);
      separator = ',';
      if (cardinality === 'repeated') this.#list(fieldType, slot, base, top);
      else if (fieldType instanceof MessageType) this.#message(fieldType, first, top, slot);
      else this.#scalar(fieldType, this.#places[at + 2]!, this.#places[at + 3]!);
    }
    this.#json.ascii(separator === '{' ? '{}' : '}');
  }

  #list(type: Scalar | MessageType, slot: number, base: number, top: number): void {
    let separator = '[';
    for (let at = base; at < top; at += PLACE) {
      const start = this.#places[at + 2]!;
      const end = this.#places[at + 3]!;
      const packed = this.#places[at + 1] === LEN && isScalarNumber(type);
      if (this.#places[at] !== slot || (packed && start === end)) continue;
      if (type instanceof MessageType) {
        this.#json.ascii(separator);
        this.#message(type, at, at + PLACE, slot);
      } else if (packed) {
        for (let next = start; next < end; separator = ',') {
          this.#json.ascii(separator);
          next = this.#scalar(type, next, end);
        }
      } else {
        this.#json.ascii(separator);
        this.#scalar(type, start, end);
      }
      separator = ',';
    }
    this.#json.ascii(']');
  }

  /** The last place of a field, -1 where it has none; `filled` passes over packed lists of no values. */
  #lastPlace(slot: number, first: number, top: number, filled: boolean): number {
    const places = this.#places;
    for (let at = top - PLACE; at >= first; at -= PLACE)
      if (places[at] === slot && !(filled && places[at + 2] === places[at + 3])) return at;
    return -1;
  }

  #isDefault(type: Scalar | MessageType, at: number): boolean {
    if (type instanceof MessageType) return false;
    const start = this.#places[at + 2]!;
    const end = this.#places[at + 3]!;
    if (WIRE_TYPE[type] === LEN) return start === end;
    // The upper bit of a varint's byte says only that more follow.
    const valueBits = WIRE_TYPE[type] === VARINT ? 0x7f : 0xff;
    for (let i = start; i < end; i++) if ((this.#reader.bytes[i]! & valueBits) !== 0) return false;
    return true;
  }

  /** Writes the value at `start`; returns the position after it. */
  #scalar(type: Scalar, start: number, end: number): number {
    const reader = this.#reader;
    const wireType = WIRE_TYPE[type];
    if (wireType === LEN) {
      if (type === 'string') this.#json.string(reader.bytes, start, end);
      else if (type === 'id') this.#json.hex(reader.bytes, start, end);
      else this.#json.ascii(`"${Buffer.from(reader.bytes.subarray(start, end)).toString('base64')}"`);
      return end;
    }
    reader.pos = start;
    reader.end = end;
    if (wireType === VARINT) reader.varint();
    else if (wireType === FIXED64) reader.fixed64();
    else {
      reader.lo = reader.fixed32();
      reader.hi = 0;
    }
    this.#json.ascii(numberJson(type, reader.lo, reader.hi));
    return reader.pos;
  }

  #push(slot: number, wireType: number, start: number, end: number): void {
    if (this.#top === this.#places.length) {
      const grown = new Int32Array(this.#places.length * 2);
      grown.set(this.#places);
      this.#places = grown;
    }
    const at = this.#top;
    this.#places[at] = slot;
    this.#places[at + 1] = wireType;
    this.#places[at + 2] = start;
    this.#places[at + 3] = end;
    this.#top = at + PLACE;
  }
}

/** Whether a repeated field of this type may come packed. */
function isScalarNumber(type: Scalar | MessageType): boolean {
  return !(type instanceof MessageType) && WIRE_TYPE[type] !== LEN;
}

/** `lo` and `hi` are the bits of the value on the wire. */
function numberJson(type: Scalar, lo: number, hi: number): string {
  switch (type) {
    case 'bool':
      return (lo | hi) === 0 ? 'false' : 'true';
    case 'uint32':
    case 'fixed32':
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

function doubleJson(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? '-0' : String(value);
}
