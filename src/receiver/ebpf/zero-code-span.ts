import {
  ATTR_CLIENT_ADDRESS,
  ATTR_CLIENT_PORT,
  ATTR_ERROR_TYPE,
  ATTR_NETWORK_LOCAL_ADDRESS,
  ATTR_NETWORK_LOCAL_PORT,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_NETWORK_TRANSPORT,
  NETWORK_TRANSPORT_VALUE_UNIX,
} from '@opentelemetry/semantic-conventions';
import type { Nanos } from '../../collector/clock.ts';
import { encodeResource, encodeScope } from '../../otlp/encode-envelope.ts';
import type { SpanEncoder } from '../../otlp/span-encoder.ts';
import { VERSION } from '../../version.ts';
import type { Connection, Exchange, Process } from './exchange.ts';
import type { Socket } from './message.ts';
import type { ProcessFacts } from './process/facts.ts';

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
  /** Ids are hex digits or bytes. */
  readonly traceId: string | Uint8Array;
  readonly spanId: string | Uint8Array;
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
  exchange.protocol.describe(exchange, exchange.side, encoder);
  writeAddresses(encoder, exchange.connection);
  if (exchange.incomplete !== undefined) {
    encoder.string('spanloom.incomplete', exchange.incomplete);
    if (exchange.response === undefined && exchange.incomplete === 'connection_closed') {
      encoder.string(ATTR_ERROR_TYPE, exchange.incomplete);
      encoder.error();
    }
  }
}

/** Takes one attribute after the other: a span has too many to make a list of them. */
export type PutAttribute = (key: string, value: string | number) => void;

/** The attributes that all spans of one end of a connection share. */
function writeAddresses(encoder: SpanEncoder, { side, socket }: Connection): void {
  const put: PutAttribute = (key, value) => {
    if (typeof value === 'string') encoder.string(key, value);
    else encoder.int(key, value);
  };
  if (side === 'server' && socket.path === undefined) {
    put(ATTR_CLIENT_ADDRESS, socket.remoteAddress);
    put(ATTR_CLIENT_PORT, socket.remotePort);
  }
  putPeerAddress(socket, put);
  putLocalAddress(socket, put);
}

/** Who is at the other end. A Unix socket that connected has no address. */
export function putPeerAddress({ path, remoteAddress, remotePort }: Socket, put: PutAttribute): void {
  if (path !== undefined) put(ATTR_NETWORK_TRANSPORT, NETWORK_TRANSPORT_VALUE_UNIX);
  if (path === undefined || remoteAddress !== '') put(ATTR_NETWORK_PEER_ADDRESS, remoteAddress);
  if (path === undefined) put(ATTR_NETWORK_PEER_PORT, remotePort);
}

function putLocalAddress({ path, localAddress, localPort }: Socket, put: PutAttribute): void {
  if (path === undefined || localAddress !== '') put(ATTR_NETWORK_LOCAL_ADDRESS, localAddress);
  if (path === undefined) put(ATTR_NETWORK_LOCAL_PORT, localPort);
}
