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
 * Of several exchanges that fit, the one that started last before the span: on one connection requests follow each
 * other. Without a peer port two that overlap can not be told apart.
 */
export function bestServer(span: SdkNode, fitting: readonly ExchangeNode[]): ExchangeNode | undefined {
  if (fitting.length <= 1) return fitting[0];
  if (span.content.peerPort === undefined || fitting.some(isUnix)) return undefined;
  let best: ExchangeNode | undefined;
  for (const node of fitting) {
    const distance = Math.abs(span.start - (node.exchange.readAt ?? node.start));
    if (best === undefined || distance < Math.abs(span.start - (best.exchange.readAt ?? best.start)))
      best = node;
  }
  return best;
}
