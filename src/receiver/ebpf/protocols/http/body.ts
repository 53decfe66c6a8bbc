import { startsWith } from '../text.ts';

/**
 * How the end of a body is found (RFC 9112 6.3): by its length, by chunks, by the end of the connection, or, where a
 * gap hid what would tell, by what comes after.
 */
export type Framing = 'none' | 'length' | 'chunked' | 'close' | 'unknown';

const LF = 0x0a;
const CR = 0x0d;

type ChunkState = 'size' | 'extension' | 'data' | 'data_end' | 'trailer_line' | 'trailer';

/** Skips the body of one message after another, in bytes and gaps. */
export class Body {
  #framing: Framing = 'none';
  #remaining = 0;
  #chunk: ChunkState = 'size';
  #sizeDigits = 0;

  get framing(): Framing {
    return this.#framing;
  }

  /** `length` is the number of bytes for `length` framing. */
  start(framing: Framing, length = 0): void {
    this.#framing = framing === 'length' && length === 0 ? 'none' : framing;
    this.#remaining = length;
    this.#chunk = 'size';
    this.#sizeDigits = 0;
  }

  get over(): boolean {
    return this.#framing === 'none';
  }

  /** Bytes of a body of known length still to come; undefined where the length is not known. */
  get remaining(): number | undefined {
    return this.#framing === 'length' ? this.#remaining : undefined;
  }

  /** Takes the bytes from index `from` on; returns the index of the first that is not the body's. */
  bytes(data: Uint8Array, from: number): number {
    switch (this.#framing) {
      case 'none':
        return from;
      case 'length': {
        const taken = Math.min(this.#remaining, data.length - from);
        this.#remaining -= taken;
        if (this.#remaining === 0) this.#framing = 'none';
        return from + taken;
      }
      case 'chunked':
        return this.#chunks(data, from);
      case 'unknown':
        if (endsChunked(data, from)) this.#framing = 'none';
        return data.length;
      case 'close':
        return data.length;
    }
  }

  /** Takes a gap of `length` bytes; returns how many of them were the body's, as far as that is known. */
  gap(length: number): number {
    if (this.#framing === 'length') {
      const taken = Math.min(this.#remaining, length);
      this.#remaining -= taken;
      if (this.#remaining === 0) this.#framing = 'none';
      return taken;
    }
    if (this.#framing === 'chunked') {
      // Only inside the data of a chunk is it known where the next size stands.
      if (this.#chunk === 'data' && length <= this.#remaining) {
        this.#remaining -= length;
        if (this.#remaining === 0) this.#chunk = 'data_end';
      } else this.#framing = 'unknown';
    }
    return length;
  }

  /** RFC 9112 7.1. Every line may end in LF alone. */
  #chunks(data: Uint8Array, from: number): number {
    const { length } = data;
    let i = from;
    while (i < length) {
      if (this.#chunk === 'data') {
        const taken = Math.min(this.#remaining, length - i);
        this.#remaining -= taken;
        i += taken;
        if (this.#remaining === 0) this.#chunk = 'data_end';
        continue;
      }
      const byte = data[i++]!;
      switch (this.#chunk) {
        case 'size': {
          const digit = hexDigit(byte);
          if (digit >= 0 && this.#sizeDigits < 12) {
            this.#remaining = this.#remaining * 16 + digit;
            this.#sizeDigits++;
          } else if (this.#sizeDigits === 0 || digit >= 0) return this.#lost(length);
          else if (byte === LF) this.#sizeRead();
          else if (byte === CR || byte === 0x3b /* ; */ || byte === 0x20 || byte === 0x09)
            this.#chunk = 'extension';
          else return this.#lost(length);
          break;
        }
        case 'extension':
          if (byte === LF) this.#sizeRead();
          break;
        case 'data_end':
          if (byte === LF) {
            this.#chunk = 'size';
            this.#sizeDigits = 0;
          } else if (byte !== CR) return this.#lost(length);
          break;
        case 'trailer_line':
          if (byte === LF) {
            this.#framing = 'none';
            return i;
          }
          if (byte !== CR) this.#chunk = 'trailer';
          break;
        case 'trailer':
          if (byte === LF) this.#chunk = 'trailer_line';
          break;
      }
    }
    return i;
  }

  #sizeRead(): void {
    this.#chunk = this.#remaining === 0 ? 'trailer_line' : 'data';
  }

  #lost(end: number): number {
    this.#framing = 'unknown';
    return end;
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/**
 * Whether the bytes from `from` on end with the last chunk of a chunked body: `0`, trailer fields and an empty line.
 * It is looked for at the end of what one call moved, where a body's end nearly always is.
 */
function endsChunked(data: Uint8Array, from: number): boolean {
  const { length } = data;
  if (length - from < 5 || startsWith(data, length - 4, '\r\n\r\n') !== 'yes') return false;
  if (data[length - 5] === 0x30) return isLineStart(data, from, length - 5);
  for (let i = length - 6; i >= from; i--)
    if (data[i] === 0x30 && isLineStart(data, from, i) && startsWith(data, i, '0\r\n') === 'yes')
      return areFieldLines(data, i + 3, length - 2);
  return false;
}

function isLineStart(data: Uint8Array, from: number, at: number): boolean {
  return at === from || (at - from >= 2 && data[at - 1] === LF && data[at - 2] === CR);
}

/** Lines of the form `name: value`. */
function areFieldLines(data: Uint8Array, from: number, to: number): boolean {
  let line = from;
  while (line < to) {
    const lf = data.indexOf(LF, line);
    const colon = data.indexOf(0x3a, line);
    if (lf < 0 || lf >= to || colon <= line || colon > lf) return false;
    line = lf + 1;
  }
  return true;
}
