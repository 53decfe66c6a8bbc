import { pathOf } from '../../correlate/join/sdk-content.ts';
import { CLIENT, CONSUMER, PRODUCER, SERVER } from '../../correlate/kind.ts';
import type { ExchangeNode, SdkNode, TreeNode } from '../../correlate/node.ts';
import type { ServiceNames } from '../../observe/service-names.ts';
import type { SpanRef } from '../explanation.ts';

const KINDS: Readonly<Record<number, string>> = {
  [SERVER]: 'SERVER',
  [CLIENT]: 'CLIENT',
  [PRODUCER]: 'PRODUCER',
  [CONSUMER]: 'CONSUMER',
};

export function kindOf(node: TreeNode): string {
  if (node.type === 'exchange') return node.exchange.side === 'server' ? 'SERVER' : 'CLIENT';
  return KINDS[node.kind] ?? 'INTERNAL';
}

/** What a request is about: `POST /price`, `postgresql SELECT`. */
export function subjectOf(node: TreeNode): string {
  return node.type === 'exchange' ? exchangeSubject(node) : spanSubject(node);
}

function exchangeSubject({ exchange: { protocol, request } }: ExchangeNode): string {
  const operation = request?.operation ?? '?';
  const target = pathOf(request?.target);
  return target === undefined ? `${protocol.name} ${operation}` : `${operation} ${target}`;
}

function spanSubject({ content: { method, path, system, operation } }: SdkNode): string {
  return [system, method, operation, path].filter((word) => word !== undefined).join(' ');
}

export function serviceOf(node: TreeNode, names: ServiceNames): string {
  return node.type === 'exchange' ? names.of(node.exchange.process) : names.ofSpan(node);
}

/** `CLIENT span 0123… of stock (POST /price)`. */
export function titleOf(node: TreeNode, names: ServiceNames): string {
  const made = node.type === 'exchange' ? '' : ' (SDK)';
  const subject = subjectOf(node);
  const about = subject === '' ? '' : `, ${subject}`;
  return `${kindOf(node)} span ${node.spanId} of ${serviceOf(node, names)}${made}${about}`;
}

export function refOf(node: TreeNode): SpanRef {
  const traceId = node.frozen?.traceId ?? (node.type === 'sdk' ? node.traceId : '');
  return { trace_id: traceId, span_id: node.spanId };
}

/** What is shown for an exchange: the SDK's span where one stands for it. */
export function shownFor(node: ExchangeNode): TreeNode {
  return node.sdk && node.frozen?.silent !== false ? node.sdk : node;
}
