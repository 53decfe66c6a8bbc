import { traceIdOf } from './identity.ts';
import type { TreeNode } from './node.ts';
import type { Parents } from './parents.ts';

/**
 * The trace id of a tree: the one that another pipeline has decided for a caller, which may have left; else the one
 * nearest its root that an SDK or the wire knows; where there is none, a hash of the root exchange's name. Of several
 * roots the earliest counts: what hangs loose is later than what it was part of.
 *
 * @param topDown every member after its parent
 */
export function chooseTraceId(topDown: readonly TreeNode[], parents: Parents): string {
  const roots = new Map<TreeNode, TreeNode>();
  const nearest = new Map<TreeNode, string>();
  let first: TreeNode | undefined;
  let firstKnown: TreeNode | undefined;
  let decided: TreeNode | undefined;
  for (const node of topDown) {
    if (parents.get(node).traceId !== undefined && startsBefore(node, decided)) decided = node;
    const parent = parents.get(node).node;
    const root = (parent && roots.get(parent)) ?? node;
    roots.set(node, root);
    if (root === node && startsBefore(node, first)) first = node;
    const known = knownTraceId(node);
    if (known === undefined || nearest.has(root)) continue;
    nearest.set(root, known);
    if (startsBefore(root, firstKnown)) firstKnown = root;
  }
  if (decided) return parents.get(decided).traceId!;
  if (firstKnown) return nearest.get(firstKnown)!;
  return first?.type === 'exchange' ? traceIdOf(first.exchange) : '';
}

function startsBefore(node: TreeNode, other: TreeNode | undefined): boolean {
  return other === undefined || node.start < other.start;
}

function knownTraceId(node: TreeNode): string | undefined {
  if (node.type === 'sdk') return node.traceId;
  return typeof node.context === 'string' ? undefined : node.context.traceId;
}
