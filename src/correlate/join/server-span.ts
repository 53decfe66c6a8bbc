import { MILLISECOND, type Nanos } from '../../collector/clock.ts';
import type { ExchangeNode, SdkNode } from '../node.ts';
import { pathOf } from './sdk-content.ts';

/** OpenTelemetry JS cuts start times to 1 ms and lets the end follow by a monotonic clock, so that either may be off by this. */
export const CLOCK_STEP: Nanos = 2 * MILLISECOND;

/**
 * The SDK's SERVER span and the exchange are about the same request, as far as their content tells: same process, same
 * connection (peer port), same method, path and status, and the span lies within the exchange.
 *
 * @param step by how much the two clocks may differ
 */
export function describesServer(span: SdkNode, node: ExchangeNode, step: Nanos = CLOCK_STEP): boolean {
  const { exchange } = node;
  if (exchange.side !== 'server' || (span.process !== undefined && span.process !== exchange.process))
    return false;
  const { content } = span;
  const { socket } = exchange.connection;
  if (!isUnix(node) && content.peerPort !== undefined && content.peerPort !== socket.remotePort) return false;
  const operation = exchange.request?.operation;
  if (content.method !== undefined && operation !== undefined && content.method !== operation) return false;
  const path = pathOf(exchange.request?.target);
  if (content.path !== undefined && path !== undefined && content.path !== path) return false;
  const status = exchange.response?.status;
  if (content.status !== undefined && status !== undefined && content.status !== status) return false;
  return overlaps(span, node, step);
}

/** Unix sockets have no ports: one that the span names is not that of this connection. */
function isUnix({ exchange }: ExchangeNode): boolean {
  return exchange.connection.socket.path !== undefined;
}

/** The handler runs while the exchange is open: it starts after the request came and ends about when the response left. */
function overlaps(span: SdkNode, node: ExchangeNode, step: Nanos): boolean {
  const end = node.exchange.end ?? Number.POSITIVE_INFINITY;
  return span.start >= node.start - step && span.start <= end + step;
}

/**
 * Of several exchanges that fit, the one whose request was read last before the span began: on one connection requests
 * follow each other. Without a peer port two that overlap can not be told apart.
 */
export function bestServer(span: SdkNode, fitting: readonly ExchangeNode[]): ExchangeNode | undefined {
  if (fitting.length <= 1) return fitting[0];
  if (span.content.peerPort === undefined || fitting.some(isUnix)) return undefined;
  const readBy = (time: Nanos) => fitting.filter((node) => readAt(node) <= time);
  const surely = least(readBy(span.start), (node) => span.start - readAt(node));
  const afterTheCut = readBy(span.start + cutOff(span)).filter((node) => readAt(node) > span.start);
  if (afterTheCut.length > 0)
    return least(surely ? [surely, ...afterTheCut] : afterTheCut, (node) => awayFromEnd(span, node));
  return surely ?? least(fitting, (node) => readAt(node) - span.start);
}

function readAt({ exchange, start }: ExchangeNode): Nanos {
  return exchange.readAt ?? start;
}

/** How much later than it says the span may have begun: what is a whole millisecond has been cut to it. */
function cutOff({ start }: SdkNode): Nanos {
  return start % MILLISECOND === 0 ? MILLISECOND : 0;
}

/** The end has been moved with the start, by half a millisecond on the average. */
function awayFromEnd(span: SdkNode, { exchange: { end } }: ExchangeNode): Nanos {
  return end === undefined ? Number.MAX_VALUE : Math.abs(span.end + cutOff(span) / 2 - end);
}

function least(nodes: readonly ExchangeNode[], by: (node: ExchangeNode) => Nanos): ExchangeNode | undefined {
  return nodes.length === 0 ? undefined : nodes.reduce((a, b) => (by(b) < by(a) ? b : a));
}
