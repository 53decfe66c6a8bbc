import fc from 'fast-check';
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

  it('is broken once, and nothing else, whoever hangs under whom', () => {
    const size = 12;
    const aboves = fc.array(fc.integer({ min: -2, max: size - 1 }), { minLength: size, maxLength: size });
    fc.assert(
      fc.property(aboves, (above) => {
        const nodes = above.map((_, i) => node(`${i}`));
        const parents = new Parents();
        for (const [i, one] of nodes.entries())
          parents.set(one, above[i]! < 0 ? ROOT : under(nodes[above[i]!]!, 'thread'));
        parents.breakCircles(() => ROOT);
        const topDown = parents.topDown();
        expect(new Set(topDown)).toEqual(new Set(nodes));
        expect(topDown).toHaveLength(size);
        const cut = above.filter((of, i) => of >= 0 && parents.get(nodes[i]!).node === undefined);
        expect(cut).toHaveLength(circlesIn(above));
      }),
    );
  });
});

/** How many circles there are where each hangs under one other, or, below 0, under none. */
function circlesIn(above: readonly number[]): number {
  const lowest = new Set<number>();
  for (let start = 0; start < above.length; start++) {
    let at = start;
    for (let i = 0; i < above.length && at >= 0; i++) at = above[at]!;
    if (at < 0) continue;
    const members = [at];
    for (let next = above[at]!; next !== at; next = above[next]!) members.push(next);
    lowest.add(Math.min(...members));
  }
  return lowest.size;
}
