import type { ExchangeNode, TreeNode } from '../../correlate/node.ts';
import type { ServiceNames } from '../../observe/service-names.ts';
import { meaningOf } from '../evidence-text.ts';
import type { Fact, Topic } from '../explanation.ts';
import { refOf, serviceOf, titleOf } from './describe.ts';

/** What it hangs under, and why. */
export function parentTopic(node: TreeNode, names: ServiceNames): Topic {
  const { parentSpanId, evidence, links } = node.frozen!;
  const facts: Fact[] = [parentSpanId === '' ? rootFact(node) : parentFact(node, names)];
  if (node.type === 'sdk' && node.parentSpanId !== parentSpanId)
    facts.push({
      code: 'reparented',
      text:
        node.parentSpanId === ''
          ? 'Its SDK sent it as the root of a trace.'
          : `Its SDK names ${node.parentSpanId} as its parent; that is kept in spanloom.original_parent_span_id.`,
      ...(evidence !== undefined && { evidence }),
    });
  const proxy = passedThrough(node);
  if (proxy)
    facts.push({
      code: 'passed_through',
      text: `${serviceOf(proxy, names)} passed on, unchanged, the context that names ${node.type === 'sdk' ? node.parentSpanId : 'the caller'}: its call stands between that span and this one.`,
      spans: [refOf(proxy)],
    });
  for (const link of links)
    facts.push({
      code: 'span_link',
      text: `A span link leads to span ${link.spanId} of trace ${link.traceId}: they belong together, but it had left (or keeps) another trace.`,
      spans: [{ trace_id: link.traceId, span_id: link.spanId }],
    });
  return { topic: 'parent', facts };
}

function rootFact(node: TreeNode): Fact {
  if (node.type === 'sdk')
    return { code: 'root', text: 'It is a root: its SDK names no parent, and no evidence tells one.' };
  if (node.ambiguous)
    return {
      code: 'root_ambiguous',
      text: 'It is a root: evidence named several requests it can have been made for, and none for sure.',
    };
  const text =
    node.exchange.side === 'server'
      ? 'It is a root: the caller was not seen, and the request carries no context.'
      : 'It is a root: nothing tells which request it was made for, if it was for one.';
  return { code: 'root', text };
}

function parentFact(node: TreeNode, names: ServiceNames): Fact {
  const { parentSpanId, evidence, traceId } = node.frozen!;
  const parent = parentOf(node);
  const title = parent ? titleOf(parent, names) : `span ${parentSpanId}, which nobody has delivered`;
  const why =
    evidence === undefined
      ? 'its SDK says so'
      : node.type === 'sdk' && evidence === 'forwarded_context'
        ? 'that call carries the context that its SDK took over'
        : meaningOf(evidence);
  return {
    code: evidence === undefined ? 'sdk_parent' : 'linked',
    text: `It hangs under the ${title}, because ${why}.`,
    ...(evidence !== undefined && { evidence }),
    spans: [parent ? refOf(parent) : { trace_id: traceId, span_id: parentSpanId }],
  };
}

function parentOf(node: TreeNode): TreeNode | undefined {
  const { parentSpanId } = node.frozen!;
  return node.tree.nodes.find(({ spanId, frozen }) => spanId === parentSpanId && frozen);
}

/** The proxy's call that took the place of the parent that an SDK named: it carries the context that names that parent. */
function passedThrough(node: TreeNode): ExchangeNode | undefined {
  if (node.type !== 'sdk' || node.parentSpanId === node.frozen!.parentSpanId) return undefined;
  const parent = parentOf(node);
  if (parent?.type !== 'exchange' || parent.exchange.side !== 'client') return undefined;
  return parent.contextKey === node.traceId + node.parentSpanId ? parent : undefined;
}
