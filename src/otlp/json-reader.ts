import { MalformedOtlpError } from './malformed.ts';
import { MAX_DEPTH } from './wire/format.ts';

export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;
export const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;

/** A message takes two levels where it is an element of a list. */
const MAX_NESTING = 2 * MAX_DEPTH;

const ESCAPES = new Set(Buffer.from('"\\/bfnrt'));

/**
 * Reads JSON (RFC 8259) from UTF-8 token by token, each as the range of bytes it takes: what a number or a
 * string means is decided by who knows the field, before any digit is lost. Whatever is no JSON is a
 * `MalformedOtlpError`.
 */
export class JsonReader {
  /** The string or number read last: its content, without quotes. */
  start = 0;
  end = 0;
  /** Whether that string contains escape sequences. */
  escaped = false;
  #depth = 0;

  constructor(
    readonly bytes: Buffer,
    public pos: number,
  ) {}

  /** First byte of the next token, to which it moves. */
  peek(): number {
    this.#space();
    if (this.pos < this.bytes.length) return this.bytes[this.pos]!;
    throw new MalformedOtlpError('the JSON text is cut off', this.pos);
  }

  /** Enters an object or array; the caller has seen its bracket. True when it has a first member. */
  open(close: number): boolean {
    if (++this.#depth > MAX_NESTING)
      throw new MalformedOtlpError(`JSON is nested deeper than ${MAX_NESTING} levels`, this.pos);
    this.pos++;
    return !this.#closes(close);
  }

  /** Goes on after a member: true when another one follows. */
  next(close: number): boolean {
    if (this.#closes(close)) return false;
    if (this.peek() !== COMMA) this.#unexpected(`"," or "${String.fromCharCode(close)}"`);
    this.pos++;
    return true;
  }

  /** Reads the name of a member, and the colon. */
  key(): void {
    if (this.peek() !== QUOTE) this.#unexpected('a name in quotes');
    this.string();
    if (this.peek() !== COLON) this.#unexpected('":"');
    this.pos++;
  }

  /** Reads a string; the caller has seen its quote. */
  string(): void {
    const { bytes } = this;
    let at = this.pos + 1;
    this.start = at;
    this.escaped = false;
    for (; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte === QUOTE) {
        this.end = at;
        this.pos = at + 1;
        return;
      }
      if (byte === BACKSLASH) {
        this.escaped = true;
        at = this.#escape(at + 1);
      } else if (byte < 0x20) throw new MalformedOtlpError('a string contains a control character', at);
    }
    throw new MalformedOtlpError('a string is cut off', this.pos);
  }

  /** Reads a number. */
  number(): void {
    this.start = this.pos;
    this.escaped = false;
    let at = this.pos;
    if (this.bytes[at] === MINUS) at++;
    if (this.bytes[at] === ZERO) at++;
    else at = this.#digits(at);
    if (this.bytes[at] === POINT) at = this.#digits(at + 1);
    if ((this.bytes[at]! | 0x20) === 0x65) {
      at++;
      if (this.bytes[at] === MINUS || this.bytes[at] === PLUS) at++;
      at = this.#digits(at);
    }
    this.end = at;
    this.pos = at;
  }

  /** Takes `null`, `true` or `false` where it stands. */
  literal(word: string): boolean {
    for (let i = 0; i < word.length; i++) if (this.bytes[this.pos + i] !== word.charCodeAt(i)) return false;
    this.pos += word.length;
    return true;
  }

  /** The text of the string or number read last. */
  text(): string {
    const raw = this.bytes.toString('utf8', this.start, this.end);
    return this.escaped ? (JSON.parse(`"${raw}"`) as string) : raw;
  }

  /** Passes over a value of any kind. */
  skip(): void {
    const byte = this.peek();
    if (byte === QUOTE) this.string();
    else if (byte === OPEN_BRACE)
      for (let more = this.open(CLOSE_BRACE); more; more = this.next(CLOSE_BRACE)) {
        this.key();
        this.skip();
      }
    else if (byte === OPEN_BRACKET)
      for (let more = this.open(CLOSE_BRACKET); more; more = this.next(CLOSE_BRACKET)) this.skip();
    else if (byte === MINUS || isDigit(byte)) this.number();
    else if (!this.literal('null') && !this.literal('true') && !this.literal('false'))
      this.#unexpected('a value');
  }

  /** Makes sure that nothing follows. */
  finish(): void {
    this.#space();
    if (this.pos < this.bytes.length) this.#unexpected('the end');
  }

  #space(): void {
    const { bytes } = this;
    for (; this.pos < bytes.length; this.pos++) {
      const byte = bytes[this.pos]!;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
    }
  }

  /** Takes the closing bracket where it stands. */
  #closes(close: number): boolean {
    if (this.peek() !== close) return false;
    this.pos++;
    this.#depth--;
    return true;
  }

  /** Position of the last byte of the escape sequence whose letter is at `at`. */
  #escape(at: number): number {
    const letter = this.bytes[at];
    if (letter !== undefined && ESCAPES.has(letter)) return at;
    if (letter !== 0x75 || !/^[\da-f]{4}$/i.test(this.bytes.toString('latin1', at + 1, at + 5)))
      throw new MalformedOtlpError('a string contains an invalid escape sequence', at - 1);
    return at + 4;
  }

  /** Position after the digits at `at`, of which there must be one. */
  #digits(at: number): number {
    let after = at;
    while (isDigit(this.bytes[after]!)) after++;
    if (after === at) throw new MalformedOtlpError('a number has no digit where one must be', at);
    return after;
  }

  #unexpected(expected: string): never {
    const found = JSON.stringify(this.bytes.toString('utf8', this.pos, this.pos + 12));
    throw new MalformedOtlpError(`${expected} is expected in place of ${found}`, this.pos);
  }
}

/** False past the end too. */
function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}

/** What kind of value a token with this first byte begins, in words. */
export function kindOf(byte: number): string {
  if (byte === QUOTE) return 'a string';
  if (byte === OPEN_BRACE) return 'an object';
  if (byte === OPEN_BRACKET) return 'an array';
  if (byte === MINUS || isDigit(byte)) return 'a number';
  return byte === 0x6e ? 'null' : byte === 0x74 || byte === 0x66 ? 'a boolean' : 'no JSON value';
}
