import { HeldBytes } from '../held-bytes.ts';
import type { Offset } from '../protocol.ts';
import { Body } from './body.ts';

/** What differs between requests and responses. Indexes are into `data`, offsets are stream positions. */
export interface Messages {
  /** The open message may have no body although its head says so: a new message at the start of a chunk is believed. */
  readonly bodyDoubtful: boolean;
  /** Whether a message begins at index `from`; `searching` where it may as well be the middle of one. */
  recognise(data: Uint8Array, from: number, searching: boolean): 'yes' | 'no' | 'more';
  /** Whether a message begins at the start of `data`, whose start line a gap cut after it. */
  recogniseCut(data: Uint8Array): boolean;
  /** A message begins at `offset`, where `data[from]` stands. */
  begin(data: Uint8Array, from: number, offset: Offset): void;
  /**
   * Reads the head and starts `body`; returns the index after the head, or -1 where `data` ends before the head does.
   */
  head(data: Uint8Array, from: number, body: Body): number;
  /** A gap or the size limit cut the head after `data`. */
  headCut(data: Uint8Array): void;
  /** The bytes that follow a cut head. True when they are the rest of the head and the whole body, and nothing else. */
  headTail(data: Uint8Array): boolean;
  /** `offset` is one past the message's last byte. */
  end(offset: Offset): void;
  /** The message whose framing was lost is over: the next one begins at `offset`. */
  superseded(offset: Offset): void;
  /** Whatever begins at `offset` is in a gap. True when it surely is a message. */
  hidden(offset: Offset): boolean;
}

const NOTHING = new Uint8Array(0);

const LF = 0x0a;
const CR = 0x0d;
/** Heads longer than this are taken as cut; servers refuse them between 8 and 64 KiB. */
const LONGEST_HEAD = 65_536;

type State =
  /** The next byte begins a message. */
  | 'start'
  /** In a head that began in an earlier chunk. */
  | 'head'
  /** After a gap in a head. */
  | 'cut_head'
  | 'body'
  /** Where the next message begins is not known: only the beginning of a chunk, which is what one call moved, is tried. */
  | 'searching'
  | 'silent';

/** Cuts one direction of a connection into messages: start line, header section, body (RFC 9112). */
export class MessageStream {
  readonly #messages: Messages;
  /** Once a message came in pieces. */
  #held: HeldBytes | undefined;
  readonly #body = new Body();
  #state: State;
  #heldOffset: Offset = 0;
  /** While searching: a message has begun and not ended. */
  #inMessage = false;
  #offset: Offset = 0;

  constructor(messages: Messages, joined: boolean) {
    this.#messages = messages;
    this.#state = joined ? 'searching' : 'start';
  }

  /** One past the last byte or gap seen. */
  get offset(): Offset {
    return this.#offset;
  }

  /** A message is open whose end this stream will not tell by itself. */
  get endUnknown(): boolean {
    return (
      (this.#state === 'searching' && this.#inMessage) ||
      this.#state === 'cut_head' ||
      (this.#state === 'body' && this.#body.framing === 'close')
    );
  }

  /** Nothing more of an open head is waited for. */
  cutOpenHead(): void {
    if (this.#state !== 'head') return;
    this.#cut(this.#held?.bytes ?? NOTHING);
    this.#held?.clear();
  }

  /** The open message is over, as the other stream told: the next byte begins a message. */
  restart(): void {
    this.#held?.clear();
    this.#inMessage = false;
    this.#state = 'start';
  }

  silence(): void {
    this.#held?.clear();
    this.#state = 'silent';
  }

  bytes(data: Uint8Array, offset: Offset): void {
    this.#offset = offset + data.length;
    let at = this.#held && this.#held.length > 0 ? this.#continueHeld(this.#held, data) : 0;
    while (at < data.length) {
      switch (this.#state) {
        case 'start':
          // RFC 9112 2.2: an empty line before a start line is ignored.
          if (data[at] === CR || data[at] === LF) at++;
          else at = this.#tryMessage(data, at, offset);
          break;
        case 'body':
          if (at === 0 && this.#messages.bodyDoubtful && this.#messages.recognise(data, 0, true) === 'yes') {
            this.#search(true);
            break;
          }
          at = this.#body.bytes(data, at);
          if (this.#body.over) this.#end(offset + at);
          else if (this.#body.framing === 'unknown') this.#search(true);
          break;
        case 'searching':
          at = at === 0 ? this.#tryMessage(data, firstNotEmptyLine(data), offset) : data.length;
          break;
        case 'cut_head':
          this.#search(true);
          if (!this.#messages.headTail(data)) break;
          this.#end(offset + data.length);
          return;
        case 'head':
        case 'silent':
          return;
      }
    }
  }

  gap(length: number, offset: Offset): void {
    this.#offset = offset + length;
    const held = this.#held?.bytes ?? NOTHING;
    switch (this.#state) {
      case 'start':
      case 'searching':
        if (held.length > 0 && this.#messages.recogniseCut(held)) {
          if (this.#inMessage) this.#messages.superseded(this.#heldOffset);
          this.#messages.begin(held, 0, this.#heldOffset);
          this.#cut(held);
        } else if (!this.#inMessage) {
          this.#search(this.#messages.hidden(held.length > 0 ? this.#heldOffset : offset));
        }
        this.#held?.clear();
        return;
      case 'head':
        this.#cut(held);
        this.#held?.clear();
        return;
      case 'cut_head':
        this.#search(true);
        return;
      case 'body': {
        const taken = this.#body.gap(length);
        if (this.#body.over) {
          this.#end(offset + taken);
          if (taken < length) this.#search(this.#messages.hidden(offset + taken));
        } else if (this.#body.framing === 'unknown') this.#search(true);
        return;
      }
      case 'silent':
        return;
    }
  }

  #search(inMessage: boolean): void {
    if (this.#state === 'silent') return;
    this.#state = 'searching';
    this.#inMessage = inMessage;
  }

  #end(offset: Offset): void {
    this.#inMessage = false;
    this.#state = 'start';
    this.#messages.end(offset);
  }

  #cut(head: Uint8Array): void {
    this.#state = 'cut_head';
    this.#inMessage = true;
    this.#body.start('unknown');
    this.#messages.headCut(head);
  }

  /** Returns the index from which to go on. */
  #tryMessage(data: Uint8Array, at: number, offset: Offset): number {
    if (at === data.length) return at;
    switch (this.#messages.recognise(data, at, this.#state === 'searching')) {
      case 'more':
        this.#hold(data, at, offset);
        return data.length;
      case 'no':
        if (this.#inMessage) {
          this.#body.bytes(data, at);
          if (this.#body.over) this.#end(offset + data.length);
        } else this.#search(false);
        return data.length;
      case 'yes':
        if (this.#inMessage) {
          this.#inMessage = false;
          this.#messages.superseded(offset + at);
        }
        this.#messages.begin(data, at, offset + at);
        return this.#head(data, at, offset);
    }
  }

  #head(data: Uint8Array, at: number, offset: Offset): number {
    const end = this.#messages.head(data, at, this.#body);
    if (this.#state === 'silent') return data.length;
    if (end < 0) {
      this.#hold(data, at, offset);
      this.#state = 'head';
      return data.length;
    }
    this.#state = 'body';
    if (this.#body.over) this.#end(offset + end);
    return end;
  }

  #hold(data: Uint8Array, at: number, offset: Offset): void {
    this.#heldOffset = offset + at;
    this.#held ??= new HeldBytes(LONGEST_HEAD);
    this.#held.append(data, at);
  }

  /** Adds to what is held of a message's beginning; returns the index in `data` from which to go on. */
  #continueHeld(kept: HeldBytes, data: Uint8Array): number {
    const before = kept.length;
    const added = kept.append(data, 0);
    const held = kept.bytes;
    let scanned = before;
    if (this.#state !== 'head') {
      const recognised = this.#messages.recognise(held, 0, this.#state === 'searching');
      if (recognised === 'more' && added === data.length) return data.length;
      if (recognised !== 'yes') {
        kept.clear();
        this.#search(this.#inMessage);
        return 0;
      }
      if (this.#inMessage) {
        this.#inMessage = false;
        this.#messages.superseded(this.#heldOffset);
      }
      this.#messages.begin(held, 0, this.#heldOffset);
      this.#state = 'head';
      scanned = 0;
    }
    if (!endsHead(held, scanned)) {
      if (added === data.length) return data.length;
      this.#cut(held);
      kept.clear();
      return added;
    }
    const end = this.#head(held, 0, this.#heldOffset);
    if (end >= 0) kept.clear();
    return end < 0 ? data.length : Math.min(data.length, end - before);
  }
}

function firstNotEmptyLine(data: Uint8Array): number {
  let at = 0;
  while (data[at] === CR || data[at] === LF) at++;
  return at;
}

/** Whether an empty line ends the head; `from` is where the bytes begin that were not looked at before. */
function endsHead(held: Uint8Array, from: number): boolean {
  for (let lf = held.indexOf(LF, Math.max(0, from - 2)); lf >= 0; lf = held.indexOf(LF, lf + 1)) {
    const next = held[lf + 1];
    if (next === LF || (next === CR && held[lf + 2] === LF)) return true;
  }
  return false;
}
