import {
  ATTR_CLIENT_ADDRESS,
  ATTR_CLIENT_PORT,
  ATTR_ERROR_TYPE,
  ATTR_NETWORK_LOCAL_ADDRESS,
  ATTR_NETWORK_LOCAL_PORT,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '@opentelemetry/semantic-conventions';
import type { Nanos } from '../../collector/clock.ts';
import { encodeResource, encodeScope } from '../../otlp/encode-envelope.ts';
import type { SpanEncoder } from '../../otlp/span-encoder.ts';
import { VERSION } from '../../version.ts';
import type { Exchange, Process } from './exchange.ts';
import type { ProcessFacts } from './process/facts.ts';
import type { SpanSink } from './protocols/protocol.ts';

/** `SpanKind` of OTLP. */
const KIND = { server: 2, client: 3 } as const;

/** Semantic conventions the attributes of zero-code spans follow. */
const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.44.0';

/** Instrumentation scope of zero-code spans. */
export const SCOPE_NAME = 'spanloom';

export const ZERO_CODE_SCOPE = encodeScope(SCOPE_NAME, VERSION, [], SCHEMA_URL);
export const ZERO_CODE_SCOPE_KEY = Buffer.from(ZERO_CODE_SCOPE).toString('latin1');

export interface EncodedEnvelope {
  readonly key: string;
  readonly bytes: Uint8Array;
}

const resources = new WeakMap<ProcessFacts, EncodedEnvelope>();

/** The resource of a process's zero-code spans. */
export function resourceOf(process: Process): EncodedEnvelope {
  let resource = resources.get(process.facts);
  if (!resource) {
    const bytes = encodeResource(process.facts.resource, SCHEMA_URL);
    resource = { bytes, key: Buffer.from(bytes).toString('latin1') };
    resources.set(process.facts, resource);
  }
  return resource;
}

/** Where a zero-code span stands in its trace, and when it was. */
export interface Placement {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  readonly start: Nanos;
  readonly end: Nanos;
  /** `Span.flags`: W3C flags in the low byte, bits 8 and 9 for the parent's remoteness. */
  readonly flags: number;
  readonly traceState: string;
}

/**
 * Encodes the span of an exchange, all but its end: the caller may add attributes and links before `finish`.
 */
export function encodeZeroCodeSpan(encoder: SpanEncoder, exchange: Exchange, at: Placement): void {
  encoder.begin(
    at.traceId,
    at.spanId,
    at.parentSpanId,
    KIND[exchange.side],
    at.start,
    at.end,
    at.flags,
    at.traceState,
  );
  const span = new AddressSink(encoder);
  exchange.protocol.describe(exchange, exchange.side, span);
  const { socket } = exchange.connection;
  if (exchange.side === 'server') {
    span.stringUnlessSet(ATTR_CLIENT_ADDRESS, socket.remoteAddress);
    span.intUnlessSet(ATTR_CLIENT_PORT, socket.remotePort);
    span.stringUnlessSet(ATTR_SERVER_ADDRESS, socket.localAddress);
    span.intUnlessSet(ATTR_SERVER_PORT, socket.localPort);
  } else {
    span.stringUnlessSet(ATTR_SERVER_ADDRESS, socket.remoteAddress);
    span.intUnlessSet(ATTR_SERVER_PORT, socket.remotePort);
  }
  encoder.string(ATTR_NETWORK_PEER_ADDRESS, socket.remoteAddress);
  encoder.int(ATTR_NETWORK_PEER_PORT, socket.remotePort);
  encoder.string(ATTR_NETWORK_LOCAL_ADDRESS, socket.localAddress);
  encoder.int(ATTR_NETWORK_LOCAL_PORT, socket.localPort);
  if (exchange.incomplete !== undefined) {
    encoder.string('spanloom.incomplete', exchange.incomplete);
    if (exchange.response === undefined && exchange.incomplete === 'connection_closed') {
      encoder.string(ATTR_ERROR_TYPE, exchange.incomplete);
      encoder.error();
    }
  }
}

/** Remembers which addresses the protocol knew better than the socket does (a Host header). */
class AddressSink implements SpanSink {
  readonly #encoder: SpanEncoder;
  #serverAddress = false;
  #serverPort = false;
  #clientAddress = false;
  #clientPort = false;

  constructor(encoder: SpanEncoder) {
    this.#encoder = encoder;
  }

  name(value: string): void {
    this.#encoder.name(value);
  }

  string(key: string, value: string): void {
    this.#note(key);
    this.#encoder.string(key, value);
  }

  int(key: string, value: number): void {
    this.#note(key);
    this.#encoder.int(key, value);
  }

  bool(key: string, value: boolean): void {
    this.#encoder.bool(key, value);
  }

  strings(key: string, values: readonly string[]): void {
    this.#encoder.strings(key, values);
  }

  error(message?: string): void {
    this.#encoder.error(message);
  }

  stringUnlessSet(key: string, value: string): void {
    if (!this.#set(key)) this.#encoder.string(key, value);
  }

  intUnlessSet(key: string, value: number): void {
    if (!this.#set(key)) this.#encoder.int(key, value);
  }

  #set(key: string): boolean {
    switch (key) {
      case ATTR_SERVER_ADDRESS:
        return this.#serverAddress;
      case ATTR_SERVER_PORT:
        return this.#serverPort;
      case ATTR_CLIENT_ADDRESS:
        return this.#clientAddress;
      case ATTR_CLIENT_PORT:
        return this.#clientPort;
      default:
        return false;
    }
  }

  #note(key: string): void {
    switch (key) {
      case ATTR_SERVER_ADDRESS:
        this.#serverAddress = true;
        return;
      case ATTR_SERVER_PORT:
        this.#serverPort = true;
        return;
      case ATTR_CLIENT_ADDRESS:
        this.#clientAddress = true;
        return;
      case ATTR_CLIENT_PORT:
        this.#clientPort = true;
    }
  }
}
