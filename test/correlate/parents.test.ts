import { describe, expect, it } from 'vitest';
import type { TreeNode } from '../../src/correlate/node.ts';
import { type Parent, Parents, ROOT } from '../../src/correlate/parents.ts';

const node = (spanId: string, frozen = false): TreeNode =>
  ({ type: 'exchange', spanId, frozen: frozen ? {} : undefined, ambiguous: false }) as unknown as TreeNode;

const under = (parent: TreeNode, evidence: Parent['evidence']): Parent => ({
  spanId: parent.spanId,
  node: parent,
  evidence,
});

/** Three nodes in a circle: who hangs under whom by which evidence. */
function circle(first: TreeNode, ...evidence: [Parent['evidence'], Parent['evidence'], Parent['evidence']]) {
  const nodes = [first, node('b'), node('c')] as const;
  const parents = new Parents();
  for (const [i, one] of nodes.entries()) parents.set(one, under(nodes[(i + 1) % 3]!, evidence[i]));
  parents.breakCircles(() => ROOT);
  return { parents, nodes, roots: nodes.filter((one) => parents.get(one).node === undefined) };
}

describe('a circle of evidence', () => {
  it('is broken at the weakest link, which then counts as ambiguous', () => {
    const { roots, nodes, parents } = circle(node('a'), 'peer', 'slice', 'thread');
    expect(roots).toEqual([nodes[1]]);
    expect(nodes[1]).toMatchObject({ ambiguous: true });
    expect(parents.topDown()).toHaveLength(3);
  });

  it('is not broken at what has left', () => {
    const { roots, nodes } = circle(node('a', true), 'slice', 'peer', 'thread');
    expect(roots).toEqual([nodes[2]]);
  });

  it('of the SDK’s own words is cut for our reading alone', () => {
    const { roots, parents } = circle(node('a'), undefined, undefined, undefined);
    expect(roots).toHaveLength(1);
    expect(parents.get(roots[0]!).spanId).not.toBe('');
  });
});
