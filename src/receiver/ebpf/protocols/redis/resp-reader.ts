import { HeldBytes } from '../held-bytes.ts';
import type { Offset } from '../protocol.ts';
import { utf8 } from '../text.ts';

/** Types of RESP2 and RESP3, Redis serialization protocol specification. */
export const Resp = {
  SimpleString: 0x2b, // +
  SimpleError: 0x2d, // -
  Integer: 0x3a, // :
  BulkString: 0x24, // $
  Array: 0x2a, // *
  Null: 0x5f, // _
  Boolean: 0x23, // #
  Double: 0x2c, // ,
  BigNumber: 0x28, // (
  BulkError: 0x21, // !
  VerbatimString: 0x3d, // =
  Map: 0x25, // %
  Attribute: 0x7c, // |
  Set: 0x7e, // ~
  Push: 0x3e, // >
  /** A chunk of a streamed string. */
  StringChunk: 0x3b, // ;
  /** The end of a streamed aggregate. */
  StreamEnd: 0x2e, // .
} as const;

/** Values that came with RESP3. */
export const RESP3_ONLY: ReadonlySet<number> = new Set([
  Resp.Null,
  Resp.Boolean,
  Resp.Double,
  Resp.BigNumber,
  Resp.BulkError,
  Resp.VerbatimString,
  Resp.Map,
  Resp.Attribute,
  Resp.Set,
  Resp.Push,
]);

/** What is done with the values of one direction. */
export interface RespHandler {
  /** A value of `type` begins at `offset`. `count` is how many elements it has, 0 where it is no aggregate. */
  begin(type: number, count: number, offset: Offset): void;
  /** The text of the value, or (`nested`) of one of its first elements, as far as it is kept. */
  text(type: number, text: string, nested: boolean): void;
  /** A line in place of a value (a command written by hand). False where none can be. */
  inline(line: string, offset: Offset, end: Offset): boolean;
  end(offset: Offset): void;
  /** A gap stands inside the open value. */
  cut(): void;
  /** Where the next value begins is not known any more; the one that can not be read begins at `offset`. */
  framingLost(offset: Offset): void;
  /** Index in `data` where a value surely begins, or -1. */
  find(data: Uint8Array): number;
}

const LF = 0x0a;
const CR = 0x0d;
const QUESTION = 0x3f;
/** Bytes kept of a line or bulk string. */
const KEPT = 512;
const KEPT_BULK = 128;
/** Elements of an aggregate that are told; a command's name and keys are among the first. */
const TOLD = 20;
const DEEPEST = 32;
/** proto-max-bulk-len. */
const LONGEST_BULK = 512 * 1024 * 1024;
const MOST_ELEMENTS = 1024 * 1024 * 1024;

/** Cuts one direction of a connection into values. */
export class RespReader {
  readonly #handler: RespHandler;
  readonly #line = new HeldBytes(KEPT);
  readonly #bulk = new HeldBytes(KEPT_BULK);
  #lost: boolean;
  #stopped = false;
  #valueOffset: Offset = 0;
  /** Values to read until the open one is over; 0 between values. Streamed aggregates have no count. */
  #open = 0;
  /** Counts around streamed aggregates. */
  readonly #outer: number[] = [];
  /** Bytes of a bulk string still to come, its CRLF included; -1 where a line is read. */
  #data = -1;
  #dataType = 0;
  #dataLength = 0;
  #told = 0;
  #isAggregate = false;
  /** Attributes that precede the value are not the value. */
  #begun = false;

  constructor(handler: RespHandler, lost: boolean) {
    this.#handler = handler;
    this.#lost = lost;
  }

  get lost(): boolean {
    return this.#lost;
  }

  /** Between two values. */
  get atBoundary(): boolean {
    return !this.#lost && this.#open === 0 && this.#line.length === 0;
  }

  /** The next byte begins a value. */
  restart(): void {
    this.#lost = false;
    this.#reset();
  }

  stop(): void {
    this.#stopped = true;
    this.#reset();
  }

  bytes(data: Uint8Array, offset: Offset): void {
    let at = 0;
    if (this.#lost) {
      at = this.#handler.find(data);
      if (at < 0) return;
      this.restart();
    }
    while (at < data.length && !this.#lost && !this.#stopped)
      at = this.#data >= 0 ? this.#readData(data, at, offset) : this.#readLine(data, at, offset);
  }

  gap(length: number, offset: Offset): void {
    if (this.#lost || this.#stopped) return;
    if (this.#open > 0) this.#handler.cut();
    if (this.#data < 0 || length > this.#data) {
      if (this.#open === 0 && this.#line.length === 0) this.#valueOffset = offset;
      this.#lose();
      return;
    }
    this.#dataLength = -1;
    this.#data -= length;
    if (this.#data === 0) this.#dataRead(offset + length);
  }

  #reset(): void {
    this.#line.clear();
    this.#bulk.clear();
    this.#open = 0;
    this.#outer.length = 0;
    this.#data = -1;
    this.#begun = false;
  }

  #lose(): void {
    this.#reset();
    this.#lost = true;
    this.#handler.framingLost(this.#valueOffset);
  }

  #readData(data: Uint8Array, at: number, offset: Offset): number {
    const taken = Math.min(this.#data, data.length - at);
    if (this.#dataLength >= 0) {
      const text = this.#data - 2;
      if (text > 0) this.#bulk.append(data, at, at + Math.min(taken, text));
    }
    this.#data -= taken;
    if (this.#data === 0) this.#dataRead(offset + at + taken);
    return at + taken;
  }

  #dataRead(end: Offset): void {
    this.#data = -1;
    if (this.#begun && this.#told < TOLD) {
      this.#told++;
      const held = this.#bulk.bytes;
      this.#handler.text(this.#dataType, utf8(held, 0, held.length), this.#isAggregate);
    }
    this.#bulk.clear();
    if (this.#dataType !== Resp.StringChunk) this.#valueRead(end);
  }

  #readLine(data: Uint8Array, at: number, offset: Offset): number {
    const lf = data.indexOf(LF, at);
    if (this.#line.length === 0 && this.#open === 0) this.#valueOffset = offset + at;
    if (lf < 0 || this.#line.length > 0) {
      const to = lf < 0 ? data.length : lf + 1;
      this.#line.append(data, at, to);
      if (lf < 0) return data.length;
      const held = this.#line.bytes.slice();
      this.#line.clear();
      this.#lineRead(held, 0, held.length - (held.at(-1) === LF ? 1 : 0), offset + to);
      return to;
    }
    this.#lineRead(data, at, lf, offset + lf + 1);
    return lf + 1;
  }

  /** A line without its LF. */
  #lineRead(data: Uint8Array, from: number, lf: number, end: Offset): void {
    const to = lf > from && data[lf - 1] === CR ? lf - 1 : lf;
    if (to === from) {
      if (this.#open > 0) this.#lose();
      return;
    }
    const type = data[from]!;
    switch (type) {
      case Resp.Array:
      case Resp.Set:
      case Resp.Push:
      case Resp.Map:
      case Resp.Attribute:
        this.#aggregate(type, data, from, to, end);
        return;
      case Resp.BulkString:
      case Resp.BulkError:
      case Resp.VerbatimString:
      case Resp.StringChunk:
        this.#string(type, data, from, to, end);
        return;
      case Resp.StreamEnd:
        if (this.#outer.length === 0 || to > from + 1) {
          this.#lose();
          return;
        }
        this.#open = this.#outer.pop()!;
        this.#valueRead(end);
        return;
      case Resp.SimpleString:
      case Resp.SimpleError:
      case Resp.Integer:
      case Resp.Null:
      case Resp.Boolean:
      case Resp.Double:
      case Resp.BigNumber:
        if (!isSimple(type, data, from + 1, to)) {
          this.#lose();
          return;
        }
        this.#beginValue(type, 0);
        if (!this.#isAggregate) this.#handler.text(type, utf8(data, from + 1, to), false);
        this.#valueRead(end);
        return;
      default:
        if (this.#open > 0 || !this.#handler.inline(utf8(data, from, to), this.#valueOffset, end))
          this.#lose();
    }
  }

  #aggregate(type: number, data: Uint8Array, from: number, to: number, end: Offset): void {
    const streamed = data[from + 1] === QUESTION && to === from + 2;
    const count = streamed ? 0 : number(data, from + 1, to);
    if (count === undefined || count < -1 || count > MOST_ELEMENTS) {
      this.#lose();
      return;
    }
    const elements = type === Resp.Map || type === Resp.Attribute ? count * 2 : count;
    if (type === Resp.Attribute) {
      // Attributes stand in front of a value and are no value of their own.
      if (this.#open === 0) this.#open = 1;
      this.#open += Math.max(0, elements);
      return;
    }
    this.#beginValue(type, Math.max(0, elements), true);
    if (streamed) {
      if (this.#outer.length === DEEPEST) {
        this.#lose();
        return;
      }
      this.#outer.push(this.#open);
      this.#open = Number.POSITIVE_INFINITY;
    } else if (elements <= 0) this.#valueRead(end);
    else this.#open += elements - 1;
  }

  #string(type: number, data: Uint8Array, from: number, to: number, end: Offset): void {
    if (type === Resp.BulkString && data[from + 1] === QUESTION && to === from + 2) {
      this.#beginValue(type, 0);
      return;
    }
    const length = number(data, from + 1, to);
    if (length === undefined || length < -1 || length > LONGEST_BULK) {
      this.#lose();
      return;
    }
    if (type === Resp.StringChunk && this.#open === 0) {
      this.#lose();
      return;
    }
    if (type !== Resp.StringChunk) this.#beginValue(type, 0);
    if (length === -1 || (type === Resp.StringChunk && length === 0)) {
      this.#valueRead(end);
      return;
    }
    this.#data = length + 2;
    this.#dataType = type;
    this.#dataLength = length;
  }

  #beginValue(type: number, count: number, isAggregate = false): void {
    if (this.#open === 0) this.#open = 1;
    // While more than one value is to come before anything began, these are attributes in front of it.
    if (this.#begun || this.#open > 1) return;
    this.#begun = true;
    this.#isAggregate = isAggregate;
    this.#told = 0;
    this.#handler.begin(type, count, this.#valueOffset);
  }

  #valueRead(end: Offset): void {
    this.#open--;
    if (this.#open > 0) return;
    this.#open = 0;
    this.#begun = false;
    this.#handler.end(end);
  }
}

/** A decimal number, possibly negative; undefined where there is none. */
function number(data: Uint8Array, from: number, to: number): number | undefined {
  const negative = data[from] === 0x2d;
  let at = negative ? from + 1 : from;
  if (at === to || to - at > 15) return undefined;
  let value = 0;
  for (; at < to; at++) {
    const digit = data[at]! - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}

function isSimple(type: number, data: Uint8Array, from: number, to: number): boolean {
  if (type === Resp.Null) return from === to;
  if (type === Resp.Boolean) return to === from + 1 && (data[from] === 0x74 || data[from] === 0x66);
  if (type === Resp.Integer || type === Resp.BigNumber) {
    const sign = data[from] === 0x2d || data[from] === 0x2b;
    for (let i = sign ? from + 1 : from; i < to; i++) if (data[i]! < 0x30 || data[i]! > 0x39) return false;
    return to > from + (sign ? 1 : 0);
  }
  for (let i = from; i < to; i++) if (data[i]! < 0x20 && data[i] !== 0x09) return false;
  return (
    type !== Resp.Double || /^(?:[+-]?(?:\d|\.|inf)|nan)/i.test(utf8(data, from, Math.min(to, from + 8)))
  );
}
