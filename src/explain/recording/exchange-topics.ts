import { contextHeader } from '../../correlate/context.ts';
import type { ExchangeNode } from '../../correlate/node.ts';
import type { CorrelateOptions } from '../../correlate/options.ts';
import { remoteOf, type ServiceNames } from '../../observe/service-names.ts';
import type { Fact, Topic } from '../explanation.ts';
import { refOf, shownFor, titleOf } from './describe.ts';

/** What the wire says of the trace. */
export function contextTopic(node: ExchangeNode, names: ServiceNames): Topic {
  return { topic: 'wire_context', facts: contextFacts(node, names) };
}

function contextFacts(node: ExchangeNode, names: ServiceNames): Fact[] {
  const { context, exchange, tree } = node;
  const headers = exchange.request?.context;
  if (headers === undefined)
    return [{ code: 'impossible', text: `${exchange.protocol.name} has no place for a trace context.` }];
  if (context === 'none') return [{ code: 'none', text: 'The request carries no trace context.' }];
  if (context === 'unknown')
    return [
      {
        code: 'unknown',
        text: 'Whether the request carries a context is not known: its headers were not captured to their end.',
      },
    ];
  const { traceId, spanId, sampled } = context;
  const facts: Fact[] = [
    {
      code: sampled ? 'present' : 'present_not_sampled',
      text: `The request carries ${contextHeader(headers)}: trace ${traceId}, span ${spanId}, ${sampled ? 'sampled' : 'not sampled'}.`,
      spans: [{ trace_id: traceId, span_id: spanId }],
    },
  ];
  const named = tree.spans.get(traceId + spanId) ?? [];
  for (const span of named)
    facts.push({
      code: 'names_span',
      text: `That is the ${titleOf(span, names)}.`,
      spans: [refOf(span)],
    });
  if (named.length === 0) facts.push({ code: 'names_unknown_span', text: 'Nobody has delivered that span.' });
  const cameIn = tree.nodes.find(
    (other) =>
      other.type === 'exchange' &&
      other.exchange.side === 'server' &&
      other.exchange.process === exchange.process &&
      other.contextKey === node.contextKey,
  );
  if (exchange.side === 'client' && cameIn)
    facts.push({
      code: 'passed_on',
      text: `It is passed on unchanged: it came in with the ${titleOf(cameIn, names)}.`,
      spans: [refOf(cameIn)],
    });
  return facts;
}

/** The same request at the other end of its connection. */
export function otherEndTopic(node: ExchangeNode, names: ServiceNames): Topic {
  const { connection, position } = node.exchange;
  const name = `connection ${hex(connection.isnLow)}:${hex(connection.isnHigh)}, byte ${position}`;
  const { peer } = node;
  const fact: Fact = peer
    ? {
        code: 'observed',
        text: `Seen as well: the ${titleOf(peer, names)} is the same request (${name}).`,
        spans: [refOf(shownFor(peer))],
      }
    : {
        code: 'not_observed',
        text: `Not seen: ${remoteOf(connection.socket)} is not watched, or on another host (${name}).`,
      };
  return { topic: 'other_end', facts: [fact] };
}

/** The SDK span that describes the same request. */
export function sdkTopic(
  node: ExchangeNode,
  instrumented: boolean,
  options: CorrelateOptions,
  names: ServiceNames,
): Topic {
  const { sdk } = node;
  if (!sdk) {
    const fact: Fact = instrumented
      ? { code: 'none', text: 'The process has an SDK, but no span of it matches this request.' }
      : { code: 'no_sdk', text: 'The process has delivered no SDK span.' };
    return { topic: 'sdk_span', facts: [fact] };
  }
  const shown =
    node.frozen?.silent === false
      ? 'Both are shown.'
      : 'The SDK span is shown in its place, with what the kernel saw added.';
  return {
    topic: 'sdk_span',
    facts: [
      {
        code: byHeader(node, options) ? 'matched_by_header' : 'matched_by_content',
        text: `The ${titleOf(sdk, names)} describes the same request: matched by ${matchedBy(node, options)}. ${shown}`,
        spans: [refOf(sdk)],
      },
    ],
  };
}

export function matchedBy(node: ExchangeNode, options: CorrelateOptions): string {
  if (byHeader(node, options)) return 'the trace context of the request';
  return node.exchange.side === 'server'
    ? "process, the client's port, method, path and status"
    : 'process, system, operation and time';
}

export function byHeader(node: ExchangeNode, options: CorrelateOptions): boolean {
  return node.contextKey !== undefined && options.evidence.has('wire_context');
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}
