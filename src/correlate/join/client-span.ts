import type { ExchangeNode, SdkNode } from '../node.ts';
import { CLOCK_STEP } from './server-span.ts';

/**
 * The SDK's CLIENT span of a call without header (a database, a cache) and the exchange are about the same call: same
 * process, system and operation, and the exchange lies within the span.
 */
export function describesClient(span: SdkNode, node: ExchangeNode): boolean {
  const { exchange } = node;
  const { content } = span;
  if (exchange.side !== 'client' || span.process !== exchange.process) return false;
  if (content.system === undefined || content.system !== exchange.protocol.name) return false;
  const operation = exchange.request?.operation;
  if (content.operation !== undefined && operation !== undefined && content.operation !== operation)
    return false;
  const end = exchange.end ?? exchange.start;
  return exchange.start >= span.start - CLOCK_STEP && end <= span.end + CLOCK_STEP;
}
