import { describe, expect, it } from 'vitest';
import type { TreeNode } from '../../src/correlate/node.ts';
import { Parents, ROOT } from '../../src/correlate/parents.ts';
import { chooseTraceId } from '../../src/correlate/trace-id.ts';

const root = (traceId: string, start: number) => ({ type: 'sdk', traceId, start }) as unknown as TreeNode;

describe('the trace id of a tree with several roots', () => {
  it.each([
    [[1, 2], 'a'],
    [[2, 1], 'b'],
  ])('is that of the earliest, in whatever order they are looked at: starts %j', ([a, b], id) => {
    const nodes = [root('a', a!), root('b', b!)];
    const parents = new Parents();
    for (const node of nodes) parents.set(node, ROOT);
    expect(chooseTraceId(nodes, parents)).toBe(id);
  });
});
