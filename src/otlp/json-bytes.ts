import { textOf } from './attribute-value.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const HEX = Buffer.from('0123456789abcdef');

/** JSON text under construction, as UTF-8: most of it is copied from bytes that are text already. */
export class JsonBytes {
  #bytes: Uint8Array;
  #length = 0;
  #isAscii = true;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** ASCII bytes as they are. */
  raw(text: Uint8Array): void {
    const bytes = this.#room(text.length);
    for (let i = 0; i < text.length; i++) bytes[this.#length++] = text[i]!;
  }

  /** ASCII text as it is. */
  ascii(text: string): void {
    const bytes = this.#room(text.length);
    for (let i = 0; i < text.length; i++) bytes[this.#length++] = text.charCodeAt(i);
  }

  /** A string whose UTF-8 is given, in quotes; what is no UTF-8 becomes U+FFFD. */
  string(source: Uint8Array, start: number, end: number): void {
    const bytes = this.#room(end - start + 2);
    let at = this.#length;
    bytes[at++] = QUOTE;
    for (let i = start; i < end; i++) {
      const byte = source[i]!;
      if (byte < 0x20 || byte >= 0x80 || byte === QUOTE || byte === BACKSLASH) {
        this.#escaped(source, start, end);
        return;
      }
      bytes[at++] = byte;
    }
    bytes[at++] = QUOTE;
    this.#length = at;
  }

  /** Lower-case hex digits, in quotes. */
  hex(source: Uint8Array, start: number, end: number): void {
    const bytes = this.#room(2 * (end - start) + 2);
    let at = this.#length;
    bytes[at++] = QUOTE;
    for (let i = start; i < end; i++) {
      bytes[at++] = HEX[source[i]! >>> 4]!;
      bytes[at++] = HEX[source[i]! & 15]!;
    }
    bytes[at++] = QUOTE;
    this.#length = at;
  }

  toString(): string {
    const text = Buffer.from(this.#bytes.buffer, 0, this.#length);
    return text.toString(this.#isAscii ? 'latin1' : 'utf8');
  }

  #escaped(source: Uint8Array, start: number, end: number): void {
    const text = Buffer.from(JSON.stringify(textOf(source, start, end)));
    this.#isAscii = false;
    this.raw(text);
  }

  /** The buffer with room for `count` more bytes. */
  #room(count: number): Uint8Array {
    const needed = this.#length + count;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    return this.#bytes;
  }
}
