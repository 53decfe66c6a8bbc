import type { Nanos } from '../collector/clock.ts';
import type { TreeNode } from './node.ts';

/**
 * What is joined so far: exchanges and SDK spans that belong to one causal chain, before it is known how they hang
 * together. Trees only ever grow into each other until they are released.
 */
export class Tree {
  nodes: TreeNode[] = [];
  /** Trace ids that SDK spans or the wire gave to members. */
  readonly traceIds = new Set<string>();
  /** Exchanges whose end has not been seen. */
  open = 0;
  bytes = 0;
  /** When its last exchange ended; for a tree of SDK spans only, when the last of them came. */
  settledAt: Nanos;
  hasExchange = false;
  /** The trace id it was released under. */
  frozenTraceId: string | undefined = undefined;
  released = false;

  constructor(readonly createdAt: Nanos) {
    this.settledAt = createdAt;
  }

  /** Takes in all of `other`, which is empty afterwards. */
  absorb(other: Tree): void {
    for (const node of other.nodes) node.tree = this;
    this.nodes = this.nodes.length === 0 ? other.nodes : this.nodes.concat(other.nodes);
    for (const id of other.traceIds) this.traceIds.add(id);
    this.open += other.open;
    this.bytes += other.bytes;
    this.settledAt =
      this.hasExchange === other.hasExchange
        ? Math.max(this.settledAt, other.settledAt)
        : this.hasExchange
          ? this.settledAt
          : other.settledAt;
    this.hasExchange ||= other.hasExchange;
    this.frozenTraceId ??= other.frozenTraceId;
    other.nodes = [];
  }
}
