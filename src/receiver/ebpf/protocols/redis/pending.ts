import { EarlyResponse } from '../early-response.ts';
import type { ExchangeSink, Offset, OpenExchange } from '../protocol.ts';
import type { RedisRequest, RedisResponse } from './facts.ts';

/** Commands on their way on one connection; more are begun and given up at once. */
const MOST_PENDING = 16_384;
/** Replies remembered while it is not known whose they are. */
const MOST_OUTCOMES = 64;
const MOST_EARLY = 64;

/** A command on its way. */
export type Command =
  | { readonly kind: 'exchange'; readonly exchange: OpenExchange; begun: boolean; said: boolean }
  /** Answered, and no exchange. `failed` undoes what it did. */
  | { readonly kind: 'setup'; readonly failed?: () => void }
  /** The connection changes with the answer. */
  | { readonly kind: 'subscription' | 'replication' }
  /** Commands beyond what is remembered. */
  | { readonly kind: 'uncounted'; count: number }
  /** A gap hid commands here. */
  | { readonly kind: 'hidden' };

type Exchange = Command & { kind: 'exchange' };

interface Outcome {
  readonly begin: Offset;
  readonly end: Offset;
  readonly response: RedisResponse;
}

/**
 * Which command a reply answers: they come in order, and nothing numbers them. After a gap the count is lost until
 * the client takes its next turn; that proves that everything was answered, unless the client has been seen to
 * send commands while it waited for replies. On such a connection reading stops.
 */
export class Pending {
  readonly #sink: ExchangeSink;
  #commands: Command[] = [];
  #overlapped = false;
  #outcomes: Outcome[] = [];
  #outcomeBegin: Offset = 0;
  #early: EarlyResponse[] = [];
  #replying: OpenExchange | undefined;
  /** A reply's end can not be found before the client's next turn. */
  #repliesHidden = false;

  readonly #joined: boolean;

  constructor(sink: ExchangeSink, joined: boolean) {
    this.#sink = sink;
    this.#joined = joined;
  }

  get head(): Command | undefined {
    return this.#commands[0];
  }

  begin(offset: Offset): Exchange | undefined {
    const exchange = this.#sink.begin(offset);
    const command: Exchange = { kind: 'exchange', exchange, begun: false, said: false };
    if (this.#early.length === 0) this.push(command);
    return command;
  }

  /** Everything is known of a command that was begun. */
  said(command: Exchange, facts: RedisRequest, answered: Offset): void {
    command.said = true;
    command.exchange.request(facts);
    const last = this.#commands.at(-1);
    if (last !== command) {
      // Its reply was reported first.
      const early = this.#early.shift();
      if (early) early.answers(command.exchange);
      return;
    }
    if (this.#commands.length <= MOST_PENDING) return;
    this.#commands.pop();
    command.exchange.lost(answered);
    const before = this.#commands.at(-1);
    if (before?.kind === 'uncounted') before.count++;
    else this.push({ kind: 'uncounted', count: 1 });
  }

  push(command: Command): void {
    if (command.kind === 'setup' && this.#early.length > 0) this.#early.shift();
    else if (command.kind !== 'hidden' || this.#commands.at(-1)?.kind !== 'hidden')
      this.#commands.push(command);
  }

  /** The client speaks after the server has. `answered` is one past the last byte of the replies so far. */
  turn(answered: Offset): void {
    const isOpen = (command: Command) => command.kind !== 'exchange' || command.said;
    if (!this.#repliesHidden && !this.#commands.some(({ kind }) => kind === 'hidden')) {
      if (this.#commands.some(isOpen)) this.#overlapped = true;
      return;
    }
    if (this.#overlapped) {
      this.#sink.stop('unparseable');
      return;
    }
    this.#resolve(answered);
  }

  commandsHidden(): void {
    if (this.#overlapped) this.#sink.stop('unparseable');
    else this.push({ kind: 'hidden' });
  }

  repliesHidden(offset: Offset): void {
    this.#repliesHidden = true;
    const head = this.#commands[0];
    if (this.#replying === undefined && head?.kind === 'exchange') this.#beginReply(head, offset);
  }

  replyBegan(offset: Offset): void {
    const head = this.#commands[0];
    this.#outcomeBegin = offset;
    this.#replying = undefined;
    if (head?.kind === 'exchange') this.#beginReply(head, offset);
    // On a connection joined in the middle it may answer what was not seen.
    else if (head === undefined && !this.#joined && this.#early.length < MOST_EARLY) {
      const early = new EarlyResponse();
      early.responseBegin(offset);
      this.#early.push(early);
      this.#replying = early;
    }
  }

  /** The first command is answered. */
  replyEnded(end: Offset, response: RedisResponse): void {
    const replying = this.#replying;
    const head = this.#commands[0];
    this.#replying = undefined;
    if (replying) {
      replying.response(response);
      replying.end(end);
      if (head?.kind === 'exchange' && head.exchange === replying) this.#commands.shift();
    } else if (head?.kind === 'hidden') {
      this.#outcomes.push({ begin: this.#outcomeBegin, end, response });
      if (this.#outcomes.length > MOST_OUTCOMES) this.#outcomes.shift();
    } else if (head?.kind === 'uncounted') {
      if (--head.count === 0) this.#commands.shift();
    } else if (head) {
      this.#commands.shift();
      if (head.kind === 'setup' && response.failed) head.failed?.();
    }
  }

  /** The reply to the first command never comes as such. */
  drop(): void {
    this.#commands.shift();
  }

  /** The connection is over, which is a turn, too. */
  close(answered: Offset): void {
    if (!this.#overlapped && (this.#repliesHidden || this.#commands.some(({ kind }) => kind === 'hidden')))
      this.#resolve(answered, true);
    this.#commands = [];
    this.#early = [];
  }

  #resolve(answered: Offset, closing = false): void {
    const commands = this.#commands;
    this.#commands = [];
    const unfinished = commands.at(-1);
    if (unfinished?.kind === 'exchange' && !unfinished.said) this.#commands.push(commands.pop()!);
    const exchanges = commands.filter((command) => command.kind === 'exchange');
    const sure = this.#repliesHidden ? 0 : Math.min(this.#outcomes.length, exchanges.length);
    for (const [i, { exchange, begun }] of exchanges.entries()) {
      const outcome = this.#outcomes[this.#outcomes.length - exchanges.length + i];
      if (i >= exchanges.length - sure && outcome && !begun && exchanges.length <= this.#outcomes.length) {
        exchange.responseBegin(outcome.begin);
        exchange.response(outcome.response);
        exchange.end(outcome.end);
      } else if (begun && commands.length === 1) exchange.end(answered);
      else if (begun || !closing) exchange.lost(answered);
    }
    this.#outcomes = [];
    this.#replying = undefined;
    this.#repliesHidden = false;
  }

  #beginReply(command: Exchange, offset: Offset): void {
    this.#replying = command.exchange;
    if (command.begun) return;
    command.begun = true;
    command.exchange.responseBegin(offset);
  }
}
