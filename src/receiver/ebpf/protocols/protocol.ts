import type { Exchange, Side } from '../exchange.ts';

/** Trace context headers as they stood in the request; names in lower case. */
export interface ContextHeaders {
  readonly traceparent?: string;
  readonly tracestate?: string;
  /** Further propagation headers (b3, x-b3-*, sw8, uber-trace-id) by lower-case name. */
  readonly others?: Readonly<Record<string, string>>;
  /**
   * True when every byte of the header block was seen. Where it is false a header that is not here is unknown, not
   * absent.
   */
  readonly complete: boolean;
}

/** What linking needs to know of any request. Protocols extend it with what their spans need. */
export interface RequestFacts {
  /** HTTP method, or the operation (`SELECT`, `GET`), upper case; undefined when cut away. */
  readonly operation: string | undefined;
  /** What it is about, for comparing a call with the request that may have caused it: HTTP path and query, else undefined. */
  readonly target: string | undefined;
  /** Undefined for protocols that carry no context. */
  readonly context: ContextHeaders | undefined;
  /** `x-request-id`, `x-correlation-id`, `x-amzn-trace-id` …: lower-case name and value, in header order. */
  readonly requestIds: readonly (readonly [name: string, value: string])[];
  /** True for an OTLP export: observed to learn who sent a batch, never a span. */
  readonly isTelemetryExport?: boolean;
}

export interface ResponseFacts {
  /** The protocol's status as a comparable value (HTTP status code, SQLSTATE …); undefined when cut away. */
  readonly status: string | number | undefined;
  /**
   * The exchange failed whoever looks at it. What fails for one side only (an HTTP 4xx does for the client) is told by
   * `Protocol.describe`.
   */
  readonly failed: boolean;
  /** A gap cut its head: where it ends shows only when the next request comes. */
  readonly cut?: boolean;
}

/** A position in a stream: offset of a byte, 0 being the first after the SYN. */
export type Offset = number;

/** Takes what a parser finds. One for each connection; it knows which call moved the byte at an offset. */
export interface ExchangeSink {
  /** A request begins with the byte at `offset` of the requester's stream, which is part of the chunk being parsed or of
   * one before it whose bytes the parser has kept. */
  begin(offset: Offset): OpenExchange;
  /** The connection stops being readable as this protocol from here on (TLS after SSLRequest, 101, garbage …). */
  stop(reason: 'encrypted' | 'upgraded' | 'unparseable' | 'replication' | 'subscription'): void;
}

/**
 * An exchange while its messages come in. Responses arrive in the order of the requests unless the protocol says so.
 *
 * Offsets usually lie in the chunk being parsed, but not always: what ends a response may be seen only when the next
 * request begins, so they can lie in the last chunks of the stream before.
 */
export interface OpenExchange {
  /** The head of the request is complete, or known to be cut (then with what was seen). Once. */
  request(facts: RequestFacts): void;
  /** The byte at `offset` of the responder's stream is the first of the response. Once. */
  responseBegin(offset: Offset): void;
  /** What the response says. At most once, before `end`. */
  response(facts: ResponseFacts): void;
  /** `offset` is one past the last byte of the response in the responder's stream. */
  end(offset: Offset): void;
  /**
   * A gap hid the end of the response: it lies at or before `offset` of the responder's stream, and nothing more will
   * be known of the exchange.
   */
  lost(offset: Offset): void;
  /** It was none: connection set-up, a subscription, a request nobody will answer. Nothing is emitted for it. */
  discard(): void;
}

/**
 * Reads both streams of one connection. Bytes and gaps come in stream order for each stream; the two streams are
 * interleaved as they happened on this host, which on the wire can be slightly out of order: a response may be
 * seen just before the request that caused it only on the other end, never on the same one.
 *
 * `data` is valid during the call only. A parser never throws on any input.
 */
export interface Parser {
  /** Bytes of one stream. `offset` is the position of `data[0]`. */
  bytes(from: 'requester' | 'responder', data: Uint8Array, offset: Offset): void;
  /** `length` bytes at `offset` that were not captured. */
  gap(from: 'requester' | 'responder', length: number, offset: Offset): void;
  /** The connection is gone: what a close ends (an HTTP/1.0 body) ends here. */
  close(): void;
}

/** Where a protocol puts what a span says. Keys are those of the semantic conventions. */
export interface SpanSink {
  name(value: string): void;
  string(key: string, value: string): void;
  int(key: string, value: number): void;
  strings(key: string, values: readonly string[]): void;
  bool(key: string, value: boolean): void;
  /** Status ERROR; `message` only where the conventions ask for one. */
  error(message?: string): void;
}

/**
 * A protocol: one file, one line in `registry.ts`. Nothing else in Spanloom names protocols.
 */
export interface Protocol {
  /** As in `network.protocol.name` or `db.system.name`: `http`, `postgresql`, `redis`. */
  readonly name: string;
  /**
   * Whether the first bytes seen on a connection are this protocol's.
   * `from` is unknown where neither a handshake nor a listening port told the two ends apart; the answer then says
   * who spoke. `joined` is true where the connection is older than the capture, so that set-up messages are missing.
   */
  recognise(
    data: Uint8Array,
    from: 'requester' | 'responder' | 'unknown',
    joined: boolean,
  ): 'requester' | 'responder' | 'no' | 'more';
  createParser(sink: ExchangeSink, options: { readonly joined: boolean }): Parser;
  /**
   * Name, attributes and status of the span, after the semantic conventions. `server.address` and `server.port` are
   * set here, because a message may know the name that the socket does not; `network.*` and `client.*` are the
   * caller's.
   */
  describe(exchange: Exchange, side: Side, span: SpanSink): void;
}
