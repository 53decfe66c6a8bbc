import { EVIDENCE } from './link/rule.ts';
import type { Frozen, TreeNode } from './node.ts';

/** What a node hangs under. */
export interface Parent {
  /** Empty for a root. */
  readonly spanId: string;
  /** The parent, where it is in the tree. */
  readonly node: TreeNode | undefined;
  readonly evidence: Frozen['evidence'];
  /** Of a parent that another pipeline shows: the trace it is in. */
  readonly traceId?: string;
}

export const ROOT: Parent = { spanId: '', node: undefined, evidence: undefined };

/** The SDK's own word for the parent. */
export type OwnParent = (node: TreeNode) => Parent;

/** Who hangs under whom, without circles. */
export class Parents {
  readonly #parents = new Map<TreeNode, Parent>();

  get(node: TreeNode): Parent {
    return this.#parents.get(node)!;
  }

  set(node: TreeNode, parent: Parent): void {
    this.#parents.set(node, parent);
  }

  /**
   * No evidence may lead in a circle: the weakest link on it that we added gives way. What SDKs say themselves, and what
   * has left, stands: a circle of such words only is what an SDK sent, and is cut for our reading alone.
   */
  breakCircles(own: OwnParent): void {
    /** The walk up on which a node was met first: there is no circle above it once that is over. */
    const walks = new Map<TreeNode, number>();
    let walk = 0;
    const path: TreeNode[] = [];
    for (const [start, { node: parent }] of this.#parents) {
      if (parent === undefined) continue;
      walk++;
      path.length = 0;
      let node: TreeNode | undefined = start;
      while (node && (walks.get(node) ?? walk) === walk) {
        if (walks.has(node)) {
          this.#cut(node, own);
          // Not by looking through all that was met: an SDK may send a circle a span.
          for (const met of path) walks.delete(met);
          path.length = 0;
          node = start;
        }
        walks.set(node, walk);
        path.push(node);
        node = this.get(node).node;
      }
    }
  }

  #cut(onCircle: TreeNode, own: OwnParent): void {
    let weakest: TreeNode | undefined;
    let node = onCircle;
    do {
      const { evidence } = this.get(node);
      if (!node.frozen && evidence !== undefined)
        if (weakest === undefined || weakness(evidence) > weakness(this.get(weakest).evidence!))
          weakest = node;
      node = this.get(node).node!;
    } while (node !== onCircle);
    if (weakest === undefined) {
      this.set(onCircle, { ...this.get(onCircle), node: undefined });
      return;
    }
    if (weakest.type === 'exchange') weakest.ambiguous = true;
    this.set(weakest, own(weakest));
  }

  /** Every node after its parent. */
  topDown(): TreeNode[] {
    let children: Map<TreeNode, TreeNode[]> | undefined;
    const order: TreeNode[] = [];
    for (const [node, { node: parent }] of this.#parents) {
      if (parent === undefined) order.push(node);
      else {
        children ??= new Map();
        const siblings = children.get(parent);
        if (siblings) siblings.push(node);
        else children.set(parent, [node]);
      }
    }
    if (children === undefined) return order;
    for (let i = 0; i < order.length; i++) {
      const below = children.get(order[i]!);
      if (below) for (const child of below) order.push(child);
    }
    return order;
  }
}

/** The two ends of a connection are joined by arithmetic, the others are in the order of `EVIDENCE`. */
function weakness(evidence: NonNullable<Parent['evidence']>): number {
  return evidence === 'peer' ? -1 : EVIDENCE.indexOf(evidence);
}
