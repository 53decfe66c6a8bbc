import type { Nanos } from '../../../collector/clock.ts';
import type { Counter } from '../../../collector/counters.ts';
import type { Activity, Connection, Exchange, Execution, Process, Side, UnreadReason } from '../exchange.ts';
import type { Message, Socket } from '../message.ts';
import type { ExchangeSink, Offset, OpenExchange, Parser, Protocol } from '../protocols/protocol.ts';
import { recognise } from '../protocols/registry.ts';
import { ExchangeRecord } from './exchange-record.ts';
import { EarlyMessages, UndecidedMessages } from './held-messages.ts';
import { type ExchangeOwner, OpenRecord } from './open-record.ts';
import { type Call, Stream } from './stream.ts';

/** Why only a part of an exchange was seen; each is counted. One begun before the capture is never shown. */
export type IncompleteReason = NonNullable<Exchange['incomplete']> | 'begun_before_capture';

/** What a tracked connection needs from its surroundings. */
export interface TrackerContext {
  /** Whose bytes are being parsed, one after the other: kept here, as all that a connection keeps is kept very many times. */
  call: Call | undefined;
  /** An activity has been told of this call. */
  toldOfCall: boolean;
  emit(activity: Activity): void;
  ignored(reason: UnreadReason): void;
  incomplete(reason: IncompleteReason): void;
  readonly gaps: Counter;
}

/** Messages to look at before a connection counts as not recognised: one joined in the middle of a long body needs more. */
const ATTEMPTS = 4;
const ATTEMPTS_JOINED = 64;

/**
 * One end of a connection: puts its two streams in order, finds out which protocol they speak and who asks, and
 * turns what the parser finds into exchanges and activities.
 */
export class TrackedConnection implements ExchangeSink, ExchangeOwner {
  /** Who holds it; undefined until something has passed on it. Only `Connections` writes it. */
  process: Process | undefined;
  readonly #received = new Stream();
  readonly #sent = new Stream();
  #open: ExchangeRecord[] = [];
  readonly #context: TrackerContext;
  /** Most connections never hold a message back. */
  #undecided: UndecidedMessages | undefined;
  #early: EarlyMessages | undefined;
  #attempts = 0;
  #side: Side | undefined;
  #connection: Connection | undefined;
  #protocol: Protocol | undefined;
  #parser: Parser | undefined;
  #ignored = false;
  /** The connection is older than the capture, and nothing has begun on it since. */
  #joined = false;
  /** The answer to what was under way then has been seen. */
  #joinedLate = false;
  #retransmits = 0;
  #at: Nanos = 0;

  constructor(
    readonly socket: Socket,
    side: Side | undefined,
    context: TrackerContext,
  ) {
    this.#side = side;
    this.#context = context;
  }

  get lastActive(): Nanos {
    return this.#at;
  }

  get idle(): boolean {
    return this.#open.length === 0;
  }

  message(message: Message, by: Execution): void {
    this.#at = message.end;
    this.#retransmits = message.retransmits;
    if (this.#ignored) return;
    if (!this.#parser) this.#recognise(message, by);
    else if (!(this.#isEarly(message) && this.#holdEarly(message, by))) this.#inOrder(message, by);
  }

  #isEarly(message: Message): boolean {
    return this.#side === 'client' && message.direction === 'receive' && this.#open.length === 0;
  }

  #holdEarly(message: Message, by: Execution): boolean {
    this.#early ??= new EarlyMessages();
    return this.#early.hold(message, by);
  }

  #inOrder(message: Message, by: Execution): void {
    if (!this.#early || this.#early.none) this.#feed(message, by);
    else for (const next of this.#early.inOrder(message, by)) this.#feed(next.message, next.by);
  }

  /** The thread came to the end of what it can read here: a client's calls get no answer any more. */
  readOut({ end }: Message, by: Execution): void {
    if (this.#side === 'client' && !this.idle) this.#end(end, 'connection_closed', by);
  }

  closed(at: Nanos, reason: 'connection_closed' | 'process_exit' | 'shutdown'): void {
    this.#end(at, reason, undefined);
    this.#ignored = true;
  }

  #end(
    at: Nanos,
    reason: 'connection_closed' | 'process_exit' | 'shutdown',
    by: Execution | undefined,
  ): void {
    for (const earlier of this.#early?.take() ?? []) this.#feed(earlier.message, earlier.by);
    this.#at = at;
    this.#parser?.close();
    this.#endOpen(reason, by);
  }

  #recognise(message: Message, by: Execution): void {
    // A Unix stream has no sequence numbers to tell a new connection by.
    const joined = message.offset > 0 || this.#attempts > 0 || this.socket.path !== undefined;
    if (message.head.length === 0) return;
    const from =
      this.#side === undefined
        ? 'unknown'
        : (this.#side === 'client') === (message.direction === 'send')
          ? 'requester'
          : 'responder';
    const found = recognise(this.#undecided?.with(message) ?? message.head, from, joined);
    switch (found.kind) {
      case 'more':
        this.#undecided ??= new UndecidedMessages();
        if (!this.#undecided.hold(message, by)) this.#attempts++;
        return;
      case 'none':
        this.#undecided = undefined;
        if (joined) this.#unfollowed(message, by);
        if (++this.#attempts >= (joined ? ATTEMPTS_JOINED : ATTEMPTS)) this.#ignore('unrecognised');
        return;
      case 'ignored':
        this.#ignore(found.reason);
        return;
      case 'protocol': {
        this.#side ??=
          (found.speaker === 'requester') === (message.direction === 'send') ? 'client' : 'server';
        const { localIsn, remoteIsn } = message;
        this.#connection = {
          isnLow: Math.min(localIsn, remoteIsn),
          isnHigh: Math.max(localIsn, remoteIsn),
          side: this.#side,
          socket: this.socket,
        };
        this.#protocol = found.protocol;
        this.#parser = found.protocol.createParser(this, { joined });
        this.#joined = joined;
        for (const earlier of this.#undecided?.take() ?? []) this.#feed(earlier.message, earlier.by);
        this.#undecided = undefined;
        this.#feed(message, by);
      }
    }
  }

  #feed(message: Message, by: Execution): void {
    const receive = message.direction === 'receive';
    const stream = receive ? this.#received : this.#sent;
    const from = receive === (this.#side === 'server') ? 'requester' : 'responder';
    const parser = this.#parser!;
    let { offset } = message;
    const end = offset + message.length;
    if (stream.next !== undefined && offset !== stream.next) {
      if (end <= stream.next) return;
      if (offset > stream.next) {
        this.#context.gaps.value++;
        parser.gap(from, offset - stream.next, stream.next);
      }
    }
    const skip = stream.next === undefined ? 0 : Math.max(0, stream.next - offset);
    stream.next = end;

    const call: Call = {
      offset,
      thread: by.thread,
      context: by.context,
      begin: message.begin,
      end: message.end,
      arrival: message.arrival > 0 ? message.arrival : message.end,
      unaligned: message.unaligned === true,
      before: undefined,
    };
    stream.add(call);
    this.#context.call = call;
    this.#context.toldOfCall = false;
    if (this.#joined && from === 'responder' && !this.#joinedLate) {
      this.#joinedLate = true;
      this.#context.incomplete('begun_before_capture');
    }

    const head = skip > 0 ? message.head.subarray(Math.min(skip, message.head.length)) : message.head;
    offset += skip;
    if (head.length > 0) parser.bytes(from, head, offset);
    offset += head.length;
    const tailOffset = end - message.tail.length;
    if (tailOffset > offset) parser.gap(from, tailOffset - offset, offset);
    if (message.tail.length > 0)
      parser.bytes(
        from,
        message.tail.subarray(Math.max(0, offset - tailOffset)),
        Math.max(offset, tailOffset),
      );

    if (this.#joined) this.#unfollowed(message, by);
    else if (!this.#context.toldOfCall) this.#transfer(from, message.direction, call);
    this.#context.call = undefined;
  }

  /** A call that began or ended nothing still is part of an exchange, and its order on the thread is evidence. */
  #transfer(from: 'requester' | 'responder', direction: 'receive' | 'send', call: Call): void {
    const exchange =
      from === 'requester' ? this.#open.at(-1) : this.#open.find((open) => open.responseStart !== undefined);
    if (exchange)
      this.#context.emit({
        type: 'transfer',
        direction,
        exchange,
        thread: call.thread,
        context: call.context,
        at: direction === 'send' ? call.begin : call.end,
      });
  }

  #unfollowed({ direction, begin, end }: Message, by: Execution): void {
    if (this.#side === undefined) return;
    const at = direction === 'send' ? begin : end;
    this.#context.emit({
      type: 'unfollowed',
      direction,
      side: this.#side,
      socket: this.socket,
      thread: by.thread,
      context: by.context,
      at,
    });
  }

  begin(offset: Offset): OpenExchange {
    const requests = this.#side === 'client' ? this.#sent : this.#received;
    const call = requests.at(offset) ?? this.#context.call!;
    const record = new ExchangeRecord(this.#connection!, this.#protocol!, offset, call, this.#retransmits);
    const previous = this.#open.at(-1);
    if (previous && previous.requestBytes === 0) previous.requestBytes = offset - previous.position;
    this.#joined = false;
    // Hardly ever two: room for more is made for those only.
    if (previous) this.#open.push(record);
    else this.#open = [record];
    return new OpenRecord(this, record);
  }

  stop(reason: Parameters<ExchangeSink['stop']>[0]): void {
    this.#ignore(reason);
    this.#endOpen('gap');
  }

  /** @internal */
  requestSeen(record: ExchangeRecord): void {
    const call = this.#context.call;
    if (call) {
      record.thread = call.thread;
      record.context = call.context;
    }
    this.#context.toldOfCall = true;
    this.#context.emit({
      type: 'request',
      exchange: record,
      thread: record.thread,
      context: record.context,
      at: call ? (record.side === 'client' ? call.begin : call.end) : this.#at,
    });
  }

  /** @internal */
  responseSeen(record: ExchangeRecord, offset: Offset): void {
    const client = record.side === 'client';
    const call = (client ? this.#received : this.#sent).at(offset) ?? this.#context.call;
    record.responseStart = call ? (client ? call.end : call.begin) : this.#at;
    record.responseBytes = -offset;
    this.#context.toldOfCall = true;
    this.#context.emit({
      type: 'response',
      exchange: record,
      thread: call?.thread ?? record.thread,
      context: call ? call.context : record.context,
      at: record.responseStart,
    });
  }

  /** @internal */
  ended(record: ExchangeRecord, offset: Offset): void {
    const stream = record.side === 'client' ? this.#received : this.#sent;
    const call = stream.at(offset - 1);
    this.#finish(record, this.#context.call ? (call?.end ?? this.#at) : this.#at, call, offset);
  }

  /** @internal */
  lost(record: ExchangeRecord, offset: Offset): void {
    record.incomplete = 'gap';
    this.#context.incomplete('gap');
    this.ended(record, offset);
  }

  /** @internal */
  discarded(record: ExchangeRecord): void {
    if (!this.#take(record)) return;
    record.discarded = true;
    this.#context.toldOfCall = true;
    if (record.request) this.#context.emit({ type: 'discard', exchange: record, at: this.#at });
  }

  #endOpen(reason: 'connection_closed' | 'process_exit' | 'shutdown' | 'gap', by?: Execution): void {
    for (const record of [...this.#open]) {
      this.#context.incomplete(reason);
      if (record.request === undefined) {
        this.#take(record);
        continue;
      }
      record.incomplete = reason;
      const answered = record.side === 'client' ? this.#received.next : this.#sent.next;
      this.#finish(record, this.#at, by, answered ?? 0);
    }
  }

  #finish(record: ExchangeRecord, at: Nanos, by: Execution | undefined, offset: Offset): void {
    if (!this.#take(record)) return;
    record.end = Math.max(at, record.start);
    record.responseBytes = record.responseStart === undefined ? 0 : offset + record.responseBytes;
    const requested = (record.side === 'client' ? this.#sent.next : this.#received.next) ?? record.position;
    if (record.requestBytes === 0) record.requestBytes = requested - record.position;
    record.retransmits = this.#retransmits - record.retransmitsBefore;
    this.#context.toldOfCall = true;
    this.#context.emit({
      type: 'end',
      exchange: record,
      thread: by?.thread,
      context: by?.context,
      at: record.end,
    });
  }

  #take(record: ExchangeRecord): boolean {
    const i = this.#open.indexOf(record);
    if (i < 0) return false;
    this.#open.splice(i, 1);
    return true;
  }

  #ignore(reason: UnreadReason): void {
    this.#ignored = true;
    this.#undecided = undefined;
    this.#context.ignored(reason);
    if (this.process)
      this.#context.emit({
        type: 'unread',
        reason,
        socket: this.socket,
        process: this.process,
        at: this.#at,
      });
  }
}
