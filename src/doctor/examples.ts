import type { TreeNode } from '../correlate/node.ts';
import type { Example } from './report.ts';

const EXAMPLES = 3;
/** Kept, as some may be taken back. */
const MAX_KEPT = 64;

/** The first spans, by their start, that show a thing. */
export class Examples {
  readonly #nodes: TreeNode[] = [];

  add(node: TreeNode): void {
    const nodes = this.#nodes;
    if (nodes.length === MAX_KEPT && node.start >= nodes[MAX_KEPT - 1]!.start) return;
    const at = nodes.findIndex((other) => node.start < other.start);
    nodes.splice(at < 0 ? nodes.length : at, 0, node);
    if (nodes.length > MAX_KEPT) nodes.pop();
  }

  /** It turned out to show something else. */
  remove(node: TreeNode): void {
    const at = this.#nodes.indexOf(node);
    if (at >= 0) this.#nodes.splice(at, 1);
  }

  /** As they left; where an SDK's span is shown for an exchange, that one is the example. */
  get list(): Example[] {
    return this.#nodes.slice(0, EXAMPLES).flatMap((node) => {
      const shown = node.type === 'exchange' && node.frozen?.silent && node.sdk ? node.sdk : node;
      const { frozen } = shown;
      return frozen ? [{ trace_id: frozen.traceId, span_id: shown.spanId }] : [];
    });
  }
}
