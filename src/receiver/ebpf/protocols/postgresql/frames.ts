import { int32At } from '../byte-reader.ts';
import { HeldBytes } from '../held-bytes.ts';
import type { Offset } from '../protocol.ts';
import { HEADER_LENGTH, isHeader, type Shapes } from './messages.ts';

/** One direction's message types and what is done with its messages. */
export interface FrameHandler {
  readonly shapes: Shapes;
  /** Payload bytes worth keeping of a message that comes in parts. */
  keep(type: number): number;
  /**
   * A message from `offset` to `end`. `data[from]` to `data[to]` is its payload, all of it where `whole`. Messages
   * without a type (start-up) have type 0.
   */
  frame(
    type: number,
    data: Uint8Array,
    from: number,
    to: number,
    whole: boolean,
    offset: Offset,
    end: Offset,
  ): void;
  /** Where the next message begins is not known any more. */
  framingLost(): void;
  /** Index in `data` of a message that surely begins there, or -1. */
  find(data: Uint8Array): number;
  /** What stands in place of a header is none. True when nothing more is to be read. */
  unreadable(): boolean;
}

/** MAX_STARTUP_PACKET_LENGTH of the server. */
const LONGEST_STARTUP = 10_000;
const STARTUP_HEADER = 4;
const LONGEST_KEPT = 16_384;

/** Cuts one direction of a connection into messages. */
export class FrameReader {
  readonly #handler: FrameHandler;
  readonly #header = new HeldBytes(HEADER_LENGTH);
  readonly #payload = new HeldBytes(LONGEST_KEPT);
  /** Messages have no type yet. */
  #startup: boolean;
  #lost: boolean;
  #stopped = false;
  #type = 0;
  #frameOffset: Offset = 0;
  /** Payload bytes still to come; undefined between messages. */
  #remaining: number | undefined;
  #keep = 0;
  #whole = true;

  constructor(handler: FrameHandler, start: 'startup' | 'typed' | 'lost') {
    this.#handler = handler;
    this.#startup = start === 'startup';
    this.#lost = start === 'lost';
  }

  /** Start-up messages come next, which have no type. */
  untyped(): void {
    this.#startup = true;
  }

  /** From here on messages have a type. */
  typed(): void {
    this.#startup = false;
  }

  stop(): void {
    this.#stopped = true;
    this.#header.clear();
    this.#payload.clear();
  }

  bytes(data: Uint8Array, offset: Offset): void {
    let at = 0;
    if (this.#lost) {
      at = this.#handler.find(data);
      if (at < 0) return;
      this.#lost = false;
    }
    while (at < data.length && !this.#stopped && !this.#lost)
      at = this.#remaining === undefined ? this.#begin(data, at, offset) : this.#continue(data, at, offset);
  }

  gap(length: number, offset: Offset): void {
    if (this.#lost || this.#stopped) return;
    const remaining = this.#remaining;
    if (remaining === undefined) {
      this.#lose();
      return;
    }
    this.#whole = false;
    if (length < remaining) {
      this.#remaining = remaining - length;
      return;
    }
    this.#finish(offset + remaining);
    if (length > remaining && !this.#stopped) this.#lose();
  }

  #lose(): void {
    this.#header.clear();
    this.#remaining = undefined;
    this.#lost = true;
    this.#handler.framingLost();
  }

  #begin(data: Uint8Array, at: number, offset: Offset): number {
    const headerLength = this.#startup ? STARTUP_HEADER : HEADER_LENGTH;
    let header = data;
    let headerAt = at;
    if (this.#header.length > 0 || data.length - at < headerLength) {
      if (this.#header.length === 0) this.#frameOffset = offset + at;
      const wanted = headerLength - this.#header.length;
      this.#header.append(data, at, Math.min(data.length, at + wanted));
      if (this.#header.length < headerLength) return data.length;
      at += wanted;
      header = this.#header.bytes;
      headerAt = 0;
    } else {
      this.#frameOffset = offset + at;
      at += headerLength;
    }
    const type = this.#startup ? 0 : header[headerAt]!;
    const length = int32At(header, headerAt + headerLength - 4);
    this.#header.clear();
    const possible = this.#startup
      ? length >= 8 && length <= LONGEST_STARTUP
      : isHeader(this.#handler.shapes, type, length);
    if (!possible) {
      if (this.#handler.unreadable()) return data.length;
      this.#lose();
      return data.length;
    }
    const size = length - 4;
    if (data.length - at >= size) {
      this.#handler.frame(type, data, at, at + size, true, this.#frameOffset, offset + at + size);
      return at + size;
    }
    this.#type = type;
    this.#remaining = size;
    this.#keep = this.#startup ? LONGEST_STARTUP : this.#handler.keep(type);
    this.#whole = true;
    this.#payload.clear();
    return at;
  }

  #continue(data: Uint8Array, at: number, offset: Offset): number {
    const taken = Math.min(this.#remaining!, data.length - at);
    // What follows a gap is not kept: it would be glued to what came before.
    if (this.#whole) {
      const kept = this.#payload.append(data, at, at + Math.min(taken, this.#keep - this.#payload.length));
      if (kept < taken) this.#whole = false;
    }
    this.#remaining = this.#remaining! - taken;
    if (this.#remaining === 0) this.#finish(offset + at + taken);
    return at + taken;
  }

  #finish(end: Offset): void {
    this.#remaining = undefined;
    const payload = this.#payload.bytes;
    this.#handler.frame(this.#type, payload, 0, payload.length, this.#whole, this.#frameOffset, end);
    this.#payload.clear();
  }
}
