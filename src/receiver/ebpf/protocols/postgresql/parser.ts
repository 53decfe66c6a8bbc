import { ByteReader } from '../byte-reader.ts';
import type { ExchangeSink, Offset, Parser } from '../protocol.ts';
import { analyse, requestFacts } from './facts.ts';
import { type FrameHandler, FrameReader } from './frames.ts';
import { BACKEND, Backend, chain, FRONTEND, Frontend, isProtocol3, StartupCode } from './messages.ts';
import { Pending } from './pending.ts';
import { isStartup } from './recognise.ts';
import { Statements } from './statements.ts';

/** Bytes kept of a statement or of the names in front of parameters. */
const KEPT_OF_TEXT = 4096;
const KEPT_OF_NAMES = 512;
/** An ErrorResponse begins with severity and SQLSTATE. */
const KEPT_OF_ERROR = 256;
/** Behind a gap, messages are looked for in the last bytes of a chunk only. */
const SEARCHED = 512;

const reader = new ByteReader();

/** The PostgreSQL protocol, version 3, on one connection. */
export class PostgresParser implements Parser {
  readonly #sink: ExchangeSink;
  readonly #pending: Pending;
  readonly #statements = new Statements();
  readonly #requests: FrameReader;
  readonly #responses: FrameReader;
  #database: string | undefined;
  /** An SSLRequest or GSSENCRequest waits for its answer of one byte. */
  #negotiating = false;
  #copyingIn = false;
  /** Where requests begin has been looked for. */
  #searched = false;
  #stopped = false;

  constructor(sink: ExchangeSink, joined: boolean) {
    this.#sink = {
      begin: (offset) => sink.begin(offset),
      stop: (reason) => {
        this.#stopped = true;
        this.#requests.stop();
        this.#responses.stop();
        sink.stop(reason);
      },
    };
    this.#pending = new Pending(this.#sink);
    this.#requests = new FrameReader(this.#frontend(), joined ? 'lost' : 'startup');
    this.#responses = new FrameReader(this.#backend(), joined ? 'lost' : 'typed');
  }

  bytes(from: 'requester' | 'responder', data: Uint8Array, offset: Offset): void {
    if (this.#stopped) return;
    if (from === 'responder') this.#pending.answered = offset + data.length;
    if (from === 'requester') this.#requests.bytes(data, offset);
    else if (this.#negotiating && data.length > 0) this.#negotiated(data, offset);
    else this.#responses.bytes(data, offset);
  }

  gap(from: 'requester' | 'responder', length: number, offset: Offset): void {
    if (this.#stopped) return;
    if (from === 'responder') this.#pending.answered = offset + length;
    if (from === 'requester') this.#requests.gap(length, offset);
    else this.#responses.gap(length, offset);
  }

  close(): void {
    this.#stopped = true;
    this.#requests.stop();
    this.#responses.stop();
  }

  /** `S` or `G`: what follows is encrypted. `N`: it is not. Servers older than the request answer with an error. */
  #negotiated(data: Uint8Array, offset: Offset): void {
    this.#negotiating = false;
    const answer = data[0];
    if (answer === 0x53 || answer === 0x47) this.#sink.stop('encrypted');
    else if (answer === 0x4e) this.bytes('responder', data.subarray(1), offset + 1);
    else this.#responses.bytes(data, offset);
  }

  #frontend(): FrameHandler {
    return {
      shapes: FRONTEND,
      keep: (type) =>
        type === Frontend.Query || type === Frontend.Parse
          ? KEPT_OF_TEXT
          : type === Frontend.Bind || type === Frontend.Execute || type === Frontend.Close
            ? KEPT_OF_NAMES
            : 0,
      frame: (type, data, from, to, whole, offset) => this.#request(type, data, from, to, whole, offset),
      framingLost: () => {
        this.#statements.hidden();
        if (!this.#copyingIn) this.#pending.requestsHidden();
      },
      find: (data) => {
        const first = !this.#searched;
        this.#searched = true;
        // A connection that may be older than the capture turns out to be new.
        if (first && isStartup(data) === 'yes') {
          this.#requests.untyped();
          return 0;
        }
        const at = findChain(data, FRONTEND, isLastRequest);
        if (at >= 0) this.#requests.typed();
        return at;
      },
      unreadable: () => {
        // A TLS handshake right behind the request for it, before the answer was seen.
        if (this.#negotiating) this.#sink.stop('encrypted');
        return this.#stopped;
      },
    };
  }

  #backend(): FrameHandler {
    return {
      shapes: BACKEND,
      keep: (type) => (type === Backend.ErrorResponse ? KEPT_OF_ERROR : 0),
      frame: (type, data, from, to, _whole, offset, end) => this.#response(type, data, from, to, offset, end),
      framingLost: () => this.#pending.responsesHidden(),
      find: (data) => findChain(data, BACKEND, (type) => type === Backend.ReadyForQuery),
      unreadable: () => false,
    };
  }

  #request(type: number, data: Uint8Array, from: number, to: number, whole: boolean, offset: Offset): void {
    reader.reset(data, from, to);
    switch (type) {
      case 0:
        this.#startup();
        return;
      case Frontend.Query: {
        this.#statements.queried();
        const text = reader.cutString();
        this.#pending.query(
          offset,
          requestFacts(text === '' && !whole ? undefined : analyse(text), this.#database),
        );
        return;
      }
      case Frontend.Parse: {
        const name = reader.cstring();
        if (name !== undefined) this.#statements.parsed(name, analyse(reader.cutString()));
        return;
      }
      case Frontend.Bind: {
        const portal = reader.cstring();
        const statement = reader.cstring();
        if (portal === undefined || statement === undefined) this.#statements.hidden();
        else this.#statements.bound(portal, statement);
        return;
      }
      case Frontend.Execute: {
        const portal = reader.cstring();
        const query = portal === undefined ? undefined : this.#statements.ofPortal(portal);
        this.#pending.execute(offset, requestFacts(query, this.#database));
        return;
      }
      case Frontend.Sync:
        this.#statements.synced();
        this.#pending.sync();
        return;
      case Frontend.FunctionCall:
        this.#pending.functionCall();
        return;
      case Frontend.Close: {
        const kind = reader.uint8() === 0x53 ? 'statement' : 'portal';
        const name = reader.cstring();
        if (name !== undefined) this.#statements.closed(kind, name);
        return;
      }
      case Frontend.CopyDone:
      case Frontend.CopyFail:
        this.#copyingIn = false;
    }
  }

  #startup(): void {
    const code = reader.int32()!;
    if (code === StartupCode.Ssl || code === StartupCode.GssEncryption) {
      this.#negotiating = true;
      return;
    }
    if (code === StartupCode.Cancel) return;
    if (!isProtocol3(code)) {
      this.#sink.stop('unparseable');
      return;
    }
    this.#requests.typed();
    let user: string | undefined;
    for (;;) {
      const name = reader.cstring();
      const value = name ? reader.cstring() : undefined;
      if (value === undefined) break;
      if (name === 'user') user = value;
      else if (name === 'database') this.#database = value;
      else if (name === 'replication' && !/^(?:false|off|no|0)$/i.test(value)) {
        this.#sink.stop('replication');
        return;
      }
    }
    this.#pending.startup();
    // The server's default for the database is the user's name.
    this.#database ??= user;
  }

  #response(type: number, data: Uint8Array, from: number, to: number, offset: Offset, end: Offset): void {
    switch (type) {
      case Backend.ReadyForQuery:
        this.#copyingIn = false;
        this.#pending.ready(offset, end);
        return;
      case Backend.CommandComplete:
      case Backend.EmptyQueryResponse:
      case Backend.PortalSuspended:
        this.#pending.completed(offset, end);
        return;
      case Backend.ErrorResponse:
        this.#copyingIn = false;
        this.#pending.failed(offset, end, sqlState(data, from, to));
        return;
      case Backend.CopyInResponse:
        this.#copyingIn = true;
        this.#pending.resultBegan(offset);
        return;
      case Backend.DataRow:
      case Backend.CopyOutResponse:
      case Backend.FunctionCallResponse:
        this.#pending.resultBegan(offset);
        return;
      case Backend.RowDescription:
        this.#pending.described(offset);
        return;
      case Backend.CopyBothResponse:
        this.#pending.replication();
    }
  }
}

/** The field `C` of an ErrorResponse. */
function sqlState(data: Uint8Array, from: number, to: number): string | undefined {
  reader.reset(data, from, to);
  for (;;) {
    const field = reader.uint8();
    if (field === undefined || field === 0) return undefined;
    const value = reader.cstring();
    if (value === undefined) return undefined;
    if (field === 0x43) return value;
  }
}

function isLastRequest(type: number): boolean {
  return (
    type === Frontend.Sync ||
    type === Frontend.Flush ||
    type === Frontend.Query ||
    type === Frontend.Terminate
  );
}

/**
 * Where messages begin in a chunk whose beginning may be the middle of one: at its start, or where a chain of
 * messages leads to its end and the last of them is one that a program sends last.
 */
function findChain(data: Uint8Array, shapes: typeof FRONTEND, isLast: (type: number) => boolean): number {
  const { result } = chain(shapes, data, 0);
  if (result === 'exact' || result === 'overrun') return 0;
  for (let at = Math.max(1, data.length - SEARCHED); at < data.length; at++) {
    if (!shapes.has(data[at]!)) continue;
    const found = chain(shapes, data, at);
    if (found.result === 'exact' && isLast(found.last)) return at;
  }
  return -1;
}
