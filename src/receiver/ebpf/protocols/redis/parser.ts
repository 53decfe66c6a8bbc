import type { ExchangeSink, Offset, Parser } from '../protocol.ts';
import { REPLICATION, SETUP, SUBSCRIPTION } from './commands.ts';
import { failedWith, type RedisResponse, requestFacts, SUCCEEDED } from './facts.ts';
import { findCommand } from './find.ts';
import { type Command, Pending } from './pending.ts';
import { RESP3_ONLY, Resp, type RespHandler, RespReader } from './resp-reader.ts';

/** Redis (RESP2 and RESP3) on one connection. */
export class RedisParser implements Parser {
  readonly #sink: ExchangeSink;
  readonly #pending: Pending;
  readonly #commands: RespReader;
  readonly #replies: RespReader;
  #resp3 = false;
  #database: string | undefined;
  #stopped = false;
  #lastFrom: 'requester' | 'responder' = 'requester';
  /** One past the last byte of the replies. */
  #answered: Offset = 0;
  /** No command has been seen: replies answer what was before. */
  #joining: boolean;
  #args: string[] = [];
  #count = 0;
  #commandOffset: Offset = 0;
  #open: (Command & { kind: 'exchange' }) | undefined;
  #replyType = 0;
  #replyError: string | undefined;

  constructor(sink: ExchangeSink, joined: boolean) {
    this.#sink = {
      begin: (offset) => sink.begin(offset),
      stop: (reason) => {
        this.#silence();
        sink.stop(reason);
      },
    };
    this.#joining = joined;
    this.#database = joined ? undefined : '0';
    this.#pending = new Pending(this.#sink, joined);
    this.#commands = new RespReader(this.#commandHandler(), joined);
    this.#replies = new RespReader(this.#replyHandler(), joined);
  }

  bytes(from: 'requester' | 'responder', data: Uint8Array, offset: Offset): void {
    if (this.#stopped || data.length === 0) return;
    if (from === 'responder') {
      this.#answered = offset + data.length;
      this.#replies.bytes(data, offset);
    } else {
      this.#turn();
      if (!this.#stopped) this.#commands.bytes(data, offset);
    }
    this.#lastFrom = from;
  }

  gap(from: 'requester' | 'responder', length: number, offset: Offset): void {
    if (this.#stopped) return;
    if (from === 'responder') {
      this.#answered = offset + length;
      this.#replies.gap(length, offset);
    } else this.#commands.gap(length, offset);
  }

  close(): void {
    if (this.#stopped) return;
    this.#finishCommand(false);
    this.#pending.close(this.#answered);
    this.#silence();
  }

  #silence(): void {
    this.#stopped = true;
    this.#commands.stop();
    this.#replies.stop();
  }

  #turn(): void {
    if (this.#lastFrom !== 'responder' && !this.#joining) return;
    this.#pending.turn(this.#answered);
    if (this.#replies.lost && !this.#stopped) this.#replies.restart();
  }

  #commandHandler(): RespHandler {
    return {
      begin: (type, count, offset) => {
        this.#args = [];
        this.#count = type === Resp.Array ? count : 0;
        this.#commandOffset = offset;
      },
      text: (_type, text, nested) => {
        if (!nested || this.#count === 0) return;
        this.#args.push(text);
        if (this.#args.length === 1) this.#named();
      },
      inline: (line, offset) => {
        const args = line.trim().split(/\s+/);
        if (!/^[A-Za-z]+$/.test(args[0]!)) return false;
        this.#args = args;
        this.#count = args.length;
        this.#commandOffset = offset;
        this.#named();
        this.#finishCommand(true);
        return true;
      },
      end: () => this.#finishCommand(true),
      cut: () => {},
      framingLost: () => {
        this.#finishCommand(false);
        this.#pending.commandsHidden();
      },
      find: findCommand,
    };
  }

  /** The name of a command is known. What is an exchange begins here, the rest when all of it is known. */
  #named(): void {
    this.#joining = false;
    const name = this.#args[0]!.toUpperCase();
    if (SETUP.has(name) || SUBSCRIPTION.has(name) || REPLICATION.has(name) || name === 'MONITOR') return;
    this.#open = this.#pending.begin(this.#commandOffset);
  }

  #finishCommand(whole: boolean): void {
    const open = this.#open;
    const args = this.#args;
    const count = this.#count;
    this.#open = undefined;
    this.#args = [];
    this.#count = 0;
    if (open) {
      this.#pending.said(open, requestFacts(args, count, this.#database), this.#answered);
      return;
    }
    const name = args[0]?.toUpperCase();
    if (name === undefined) return;
    if (SETUP.has(name)) this.#setUp(name, args, whole);
    else if (REPLICATION.has(name)) this.#pending.push({ kind: 'replication' });
    else if (name === 'MONITOR') this.#pending.push({ kind: 'subscription' });
    else if (SUBSCRIPTION.has(name) && !this.#resp3) this.#pending.push({ kind: 'subscription' });
  }

  #setUp(name: string, args: readonly string[], whole: boolean): void {
    if (name === 'CLIENT' && args[1]?.toUpperCase() === 'REPLY' && args[2]?.toUpperCase() !== 'ON') {
      // Commands without replies: what is left can not be paired.
      this.#sink.stop('unparseable');
      return;
    }
    const before = { database: this.#database, resp3: this.#resp3 };
    if (name === 'SELECT') this.#database = whole && /^\d{1,5}$/.test(args[1] ?? '') ? args[1] : undefined;
    else if (name === 'RESET') {
      this.#database = '0';
      this.#resp3 = false;
    } else if (name === 'HELLO' && args[1] !== undefined) this.#resp3 = args[1] === '3';
    const failed = () => {
      this.#database = before.database;
      this.#resp3 = before.resp3;
    };
    this.#pending.push({ kind: 'setup', failed });
  }

  #replyHandler(): RespHandler {
    return {
      begin: (type, _count, offset) => {
        this.#replyType = type;
        this.#replyError = undefined;
        if (RESP3_ONLY.has(type)) this.#resp3 = true;
        // A reply to a command that is not over: the rest of it is not waited for.
        if (this.#open !== undefined && this.#pending.head === this.#open) this.#finishCommand(false);
        if (type !== Resp.Push) this.#pending.replyBegan(offset);
      },
      text: (type, text, nested) => {
        if (!nested && (type === Resp.SimpleError || type === Resp.BulkError)) this.#replyError = text;
      },
      inline: () => false,
      end: (offset) => this.#replied(offset),
      cut: () => {},
      framingLost: (offset) => {
        if (this.#open !== undefined && this.#pending.head === this.#open) this.#finishCommand(false);
        this.#pending.repliesHidden(offset);
      },
      find: () => -1,
    };
  }

  #replied(end: Offset): void {
    const { head } = this.#pending;
    if (this.#replyType === Resp.Push) {
      // In RESP3 the answer to SUBSCRIBE is a push, and the connection goes on.
      if (head?.kind === 'subscription') this.#pending.drop();
      return;
    }
    const response: RedisResponse = this.#replyError === undefined ? SUCCEEDED : failedWith(this.#replyError);
    if (head?.kind === 'replication' || head?.kind === 'subscription') {
      if (!response.failed) {
        this.#sink.stop(head.kind);
        return;
      }
    }
    this.#pending.replyEnded(end, response);
  }
}
