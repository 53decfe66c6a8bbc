import { traceIdOf } from '../../correlate/identity.ts';
import type { TreeNode } from '../../correlate/node.ts';
import type { ServiceNames } from '../../observe/service-names.ts';
import type { Fact, Topic } from '../explanation.ts';
import { refOf, titleOf } from './describe.ts';

/** Where the trace id comes from, and which others there were. */
export function traceIdTopic(node: TreeNode, names: ServiceNames): Topic {
  const { traceId } = node.frozen!;
  const { nodes, traceIds } = node.tree;
  const facts: Fact[] = [originOf(traceId, nodes, names)];
  if (node.type === 'sdk' && node.traceId !== traceId)
    facts.push({
      code: 'renamed',
      text: `Its SDK sent it in trace ${node.traceId}; that is kept in spanloom.original_trace_id.`,
    });
  const others = traceIds.filter((id) => id !== traceId);
  if (others.length > 0)
    facts.push({
      code: 'joined',
      text: `${others.length === 1 ? 'Another trace is' : `${others.length} other traces are`} of the same causal chain: ${others.slice(0, 3).join(', ')}${others.length > 3 ? ', …' : ''}. The id nearest the root is the one that is kept.`,
    });
  return { topic: 'trace_id', facts };
}

function originOf(traceId: string, nodes: readonly TreeNode[], names: ServiceNames): Fact {
  const first = (matches: (node: TreeNode) => boolean) =>
    nodes
      .filter(matches)
      .reduce<TreeNode | undefined>((a, b) => (a === undefined || b.start < a.start ? b : a), undefined);
  const sdk = first((node) => node.type === 'sdk' && node.traceId === traceId);
  const wire = first(
    ({ type, ...node }) =>
      type === 'exchange' &&
      'context' in node &&
      typeof node.context !== 'string' &&
      node.context.traceId === traceId,
  );
  if (sdk && (wire === undefined || sdk.start <= wire.start))
    return {
      code: 'from_sdk',
      text: `An SDK began this trace: first the ${titleOf(sdk, names)}.`,
      spans: [refOf(sdk)],
    };
  if (wire)
    return {
      code: 'from_wire',
      text: `A header brought this trace id: first that of the ${titleOf(wire, names)}.`,
      spans: [refOf(wire)],
    };
  const root = first((node) => node.type === 'exchange' && traceIdOf(node.exchange) === traceId);
  return {
    code: 'made',
    text: `No SDK and no header knows this trace: its id is a hash of the name of ${root ? `the ${titleOf(root, names)}` : 'its first exchange'}.`,
    ...(root && { spans: [refOf(root)] }),
  };
}
