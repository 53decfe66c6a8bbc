import { isIncoming } from '../kind.ts';
import type { Evidence } from '../link/rule.ts';
import type { ExchangeNode, SdkNode } from '../node.ts';

/** Kinds that read what the wire or an SDK says; the others conclude without such help and are what is verified. */
export const TELLS: ReadonlySet<Evidence> = new Set([
  'wire_context',
  'forwarded_context',
  'request_id',
  'sdk_span',
]);

/** Spans of one process between a call and the request it is for. */
const MAX_DEPTH = 64;

/** The request that caused this call, as the wire or an SDK tells; undefined where neither does. Asked of decided trees. */
export function trueCause(client: ExchangeNode): ExchangeNode | undefined {
  if (client.cause && TELLS.has(client.evidence!)) return client.cause;
  let span = client.sdk ?? named(client);
  for (let depth = 0; span && depth < MAX_DEPTH; depth++) {
    if (span.process !== client.exchange.process) return undefined;
    if (isIncoming(span.kind)) return span.describes?.exchange.side === 'server' ? span.describes : undefined;
    span = parentOf(span);
  }
  return undefined;
}

/** The span that the call's header names as its parent. */
function named({ contextKey, tree }: ExchangeNode): SdkNode | undefined {
  return contextKey === undefined ? undefined : tree.spans.get(contextKey)?.[0];
}

function parentOf({ traceId, parentSpanId, tree }: SdkNode): SdkNode | undefined {
  return parentSpanId === '' ? undefined : tree.spans.get(traceId + parentSpanId)?.[0];
}
