import { type AttributeValue, readAnyValue } from './attribute-value.ts';
import { MalformedOtlpError } from './malformed.ts';
import { LEN } from './wire/format.ts';
import { WireReader } from './wire/reader.ts';

/** Words an attribute: start and length of the key, start and length of the value (-1: has none). */
const STRIDE = 4;

/** Where the attributes of one message are, so that several can be looked up after one pass. */
export class AttributeIndex {
  readonly #reader: WireReader;
  #places = new Int32Array(32 * STRIDE);
  #count = 0;

  constructor(readonly bytes: Uint8Array) {
    this.#reader = new WireReader(bytes);
  }

  clear(): void {
    this.#count = 0;
  }

  /** Adds the attributes (`KeyValue` fields with the tag `tag`) of the message at `start`. */
  add(start: number, end: number, tag: number): void {
    const reader = this.#reader;
    reader.pos = start;
    reader.end = end;
    while (reader.pos < end) {
      const found = reader.tag();
      if (found !== tag) {
        reader.skip(found);
        continue;
      }
      reader.end = reader.length() + reader.pos;
      this.#addKeyValue();
      reader.end = end;
    }
  }

  /** The value of the first attribute named `key`. */
  get(key: string): AttributeValue | undefined {
    const { bytes } = this;
    const places = this.#places;
    const { length } = key;
    for (let i = 0, at = 0; i < this.#count; i++, at += STRIDE) {
      if (places[at + 1] !== length) continue;
      const start = places[at]!;
      let same = 0;
      while (same < length && bytes[start + same] === key.charCodeAt(same)) same++;
      if (same === length && isAscii(key)) return this.#value(at);
    }
    return isAscii(key) ? undefined : this.#getByBytes(Buffer.from(key));
  }

  #getByBytes(key: Buffer): AttributeValue | undefined {
    for (let i = 0, at = 0; i < this.#count; i++, at += STRIDE) {
      const start = this.#places[at]!;
      if (key.equals(this.bytes.subarray(start, start + this.#places[at + 1]!))) return this.#value(at);
    }
    return undefined;
  }

  #value(at: number): AttributeValue {
    const start = this.#places[at + 2]!;
    if (start < 0) return null;
    this.#reader.pos = start;
    this.#reader.end = start + this.#places[at + 3]!;
    return readAnyValue(this.#reader);
  }

  #addKeyValue(): void {
    const reader = this.#reader;
    const at = this.#count * STRIDE;
    if (at === this.#places.length) {
      const grown = new Int32Array(this.#places.length * 2);
      grown.set(this.#places);
      this.#places = grown;
    }
    const places = this.#places;
    places[at] = reader.pos;
    places[at + 1] = 0;
    places[at + 2] = -1;
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === ((1 << 3) | LEN) || tag === ((2 << 3) | LEN)) {
        const length = reader.length();
        const place = tag >>> 3 === 1 ? at : at + 2;
        places[place] = reader.pos;
        places[place + 1] = length;
        reader.pos += length;
      } else if (tag >>> 3 <= 2)
        throw new MalformedOtlpError(
          `an attribute has a field of the wrong wire type ${tag & 7}`,
          reader.pos,
        );
      else reader.skip(tag);
    }
    this.#count++;
  }
}

function isAscii(key: string): boolean {
  for (let i = 0; i < key.length; i++) if (key.charCodeAt(i) >= 0x80) return false;
  return true;
}
