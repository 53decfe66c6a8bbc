import type { Nanos } from '../collector/clock.ts';
import { type AttributeEntry, encodeSpanAttributes } from '../otlp/attributes.ts';
import { rewriteSpan, type SpanChange } from '../otlp/rewrite-span.ts';
import { SpanEncoder } from '../otlp/span-encoder.ts';
import { encodeSpanLink } from '../otlp/span-link.ts';
import type { TracesBuilder } from '../otlp/traces-builder.ts';
import {
  encodeZeroCodeSpan,
  type PutAttribute,
  putPeerAddress,
  resourceOf,
  ZERO_CODE_SCOPE,
  ZERO_CODE_SCOPE_KEY,
} from '../receiver/ebpf/zero-code-span.ts';
import type { ExchangeNode, SdkNode } from './node.ts';

/** Attributes that say what the merge did. */
const LINK_EVIDENCE = 'spanloom.link.evidence';
const LINK_AMBIGUOUS = 'spanloom.link.ambiguous';
const ORIGINAL_TRACE_ID = 'spanloom.original_trace_id';
const ORIGINAL_PARENT_SPAN_ID = 'spanloom.original_parent_span_id';
/** `open`: the span had to leave before its response was complete. */
const INCOMPLETE = 'spanloom.incomplete';

/** W3C sampled flag, and OTLP's "whether the parent is remote is known" and "it is". */
const SAMPLED = 0x01;
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

/** Writes decided members of trees as OTLP spans; each method returns the span's size in bytes. */
export class Emitter {
  readonly #encoder: SpanEncoder;

  constructor(epochUnixNano: bigint) {
    this.#encoder = new SpanEncoder(epochUnixNano);
  }

  /** @param now the end of an exchange that leaves without one */
  exchange(node: ExchangeNode, now: Nanos, builder: TracesBuilder): number {
    const { exchange } = node;
    const { traceId, parentSpanId, start, evidence, links } = node.frozen!;
    const encoder = this.#encoder;
    const remote = exchange.side === 'server' && parentSpanId !== '';
    encodeZeroCodeSpan(encoder, exchange, {
      traceId,
      spanId: node.spanId,
      parentSpanId,
      start,
      end: endOf(node, start, now),
      flags: SAMPLED | HAS_IS_REMOTE | (remote ? IS_REMOTE : 0),
      traceState: typeof node.context === 'string' ? '' : node.context.traceState,
    });
    putKernelFacts(node, (key, value) => encoder.int(key, value));
    if (evidence !== undefined) encoder.string(LINK_EVIDENCE, evidence);
    if (node.ambiguous) encoder.bool(LINK_AMBIGUOUS, true);
    if (exchange.end === undefined) encoder.string(INCOMPLETE, 'open');
    for (const link of links) encoder.link(encodeSpanLink(link));
    const resource = resourceOf(exchange.process);
    const span = encoder.finish();
    builder.add(resource.bytes, resource.key, ZERO_CODE_SCOPE, ZERO_CODE_SCOPE_KEY, span);
    return span.length;
  }

  span(node: SdkNode, builder: TracesBuilder): number {
    const { resource, scope } = node;
    const bytes = node.bytes!;
    const change = changeOf(node);
    const span = change === undefined ? bytes : rewriteSpan(bytes, change);
    builder.add(resource.bytes, resource.key, scope.bytes, scope.key, span);
    node.bytes = undefined;
    return span.length;
  }
}

/** Undefined where no rule touches the span: it leaves byte for byte as it came. */
function changeOf(node: SdkNode): SpanChange | undefined {
  const { traceId, parentSpanId, evidence, links } = node.frozen!;
  const attributes: AttributeEntry[] = [];
  const renamed = traceId !== node.traceId;
  const moved = parentSpanId !== node.parentSpanId;
  if (renamed) attributes.push([ORIGINAL_TRACE_ID, node.traceId]);
  if (moved) {
    if (node.parentSpanId !== '') attributes.push([ORIGINAL_PARENT_SPAN_ID, node.parentSpanId]);
    if (evidence !== undefined) attributes.push([LINK_EVIDENCE, evidence]);
  }
  const exchange = node.describes;
  if (exchange?.frozen?.silent) {
    const put: PutAttribute = (key, value) => attributes.push([key, value]);
    putKernelFacts(exchange, put);
    if (!node.content.hasPeer) putPeerAddress(exchange.exchange.connection.socket, put);
  }
  if (attributes.length === 0 && links.length === 0) return undefined;
  return {
    ...(links.length > 0 && { links: Buffer.concat(links.map(encodeSpanLink)) }),
    ...(renamed && { traceId: Buffer.from(traceId, 'hex') }),
    ...(moved && { parentSpanId: Buffer.from(parentSpanId, 'hex') }),
    attributes: encodeSpanAttributes(attributes),
  };
}

/** What only the kernel knows of an exchange; durations in nanoseconds, from the exchange's start. */
function putKernelFacts({ exchange }: ExchangeNode, put: (key: string, value: number) => void): void {
  const { start, readAt, responseStart, end, requestBytes, responseBytes, retransmits } = exchange;
  if (readAt !== undefined) put('spanloom.queue_time', since(start, readAt));
  if (responseStart !== undefined) put('spanloom.first_byte', since(start, responseStart));
  if (end !== undefined) put('spanloom.last_byte', since(start, end));
  put('spanloom.request.bytes', requestBytes);
  put('spanloom.response.bytes', responseBytes);
  if (retransmits > 0) put('spanloom.retransmits', retransmits);
}

function since(start: Nanos, at: Nanos): number {
  return Math.max(0, Math.round(at - start));
}

/** The server's side of a connection ends within the client's, whichever record came first. */
function endOf(node: ExchangeNode, start: Nanos, now: Nanos): Nanos {
  const { exchange, peer } = node;
  const end = exchange.end ?? now;
  const outerEnd = exchange.side === 'server' ? peer?.exchange.end : undefined;
  return Math.max(start, outerEnd === undefined ? end : Math.min(end, outerEnd));
}
