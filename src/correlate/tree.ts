import type { Nanos } from '../collector/clock.ts';
import type { Due } from './due-queue.ts';
import type { InLine } from './line.ts';
import type { SdkNode, TreeNode } from './node.ts';

const NO_IDS: readonly string[] = [];
const NO_SPANS: ReadonlyMap<string, readonly SdkNode[]> = new Map();

/**
 * What is joined so far: exchanges and SDK spans that belong to one causal chain, before it is known how they hang
 * together. Trees only ever grow into each other.
 */
export class Tree implements Due, InLine<Tree> {
  queued = -1;
  line: object | undefined = undefined;
  before: Tree | undefined = undefined;
  after: Tree | undefined = undefined;
  nodes: TreeNode[];
  #traceIds: string[] | undefined;
  /** Made when there is a span: most trees of a host without SDKs never have one, and there are very many of them. */
  #spans: Map<string, SdkNode[]> | undefined;
  /** Exchanges whose end has not been seen. */
  open = 0;
  /** Members that have neither left nor been promised. */
  undecided = 0;
  /** Of those, exchanges. */
  undecidedExchanges = 0;
  /** Members that have not left. */
  waiting = 0;
  /** Bytes of SDK spans held. */
  bytes = 0;
  /** When its last exchange ended; for a tree of SDK spans only, when the last of them came. */
  settledAt: Nanos;
  /** The trace id it was released under, once it was. */
  frozenTraceId: string | undefined = undefined;
  /** It has left the late window: nothing can join it any more. */
  forgotten = false;
  /** Since when it is held; a release begins a new hold. */
  heldSince: Nanos;
  /** When it is looked at again, where members wait for what another pipeline decides. */
  postponedTo: Nanos | undefined = undefined;
  /** How many were undecided when it was found that all of them wait. */
  allWaiting = 0;

  /** @param nodes the first ones; nearly every tree has few, and there are very many trees */
  constructor(now: Nanos, nodes: TreeNode[] = []) {
    this.nodes = nodes;
    this.settledAt = now;
    this.heldSince = now;
  }

  get released(): boolean {
    return this.frozenTraceId !== undefined;
  }

  /** Trace ids that SDK spans or the wire gave to members, each once: no two trees share one. */
  get traceIds(): readonly string[] {
    return this.#traceIds ?? NO_IDS;
  }

  addTraceIds(...ids: readonly string[]): void {
    if (this.#traceIds) this.#traceIds.push(...ids);
    else this.#traceIds = [...ids];
  }

  /** SDK spans by trace and span id; more than one where both ends of a call share an id (b3). */
  get spans(): ReadonlyMap<string, readonly SdkNode[]> {
    return this.#spans ?? NO_SPANS;
  }

  addSpan(id: string, ...spans: readonly SdkNode[]): void {
    this.#spans ??= new Map();
    const same = this.#spans.get(id);
    if (same) same.push(...spans);
    else this.#spans.set(id, [...spans]);
  }

  /** Some of its members have been decided, or have left. */
  recount(): void {
    this.undecided = 0;
    this.undecidedExchanges = 0;
    this.waiting = 0;
    this.bytes = 0;
    for (const node of this.nodes) {
      if (!node.emitted) this.waiting++;
      if (node.frozen) continue;
      this.undecided++;
      if (node.type === 'exchange') this.undecidedExchanges++;
      else this.bytes += node.bytes!.length;
    }
  }

  /** Takes in all of `other`, which is empty afterwards. */
  absorb(other: Tree): void {
    for (const node of other.nodes) {
      node.tree = this;
      this.nodes.push(node);
    }
    for (const [id, spans] of other.spans) this.addSpan(id, ...spans);
    if (other.traceIds.length > 0) this.addTraceIds(...other.traceIds);
    this.settledAt = laterSettled(this, other);
    this.heldSince = Math.min(this.heldSince, other.heldSince);
    this.postponedTo = undefined;
    this.open += other.open;
    this.undecided += other.undecided;
    this.undecidedExchanges += other.undecidedExchanges;
    this.waiting += other.waiting;
    this.bytes += other.bytes;
    this.frozenTraceId ??= other.frozenTraceId;
    other.nodes = [];
    other.open = 0;
    other.undecided = 0;
    other.undecidedExchanges = 0;
    other.waiting = 0;
    other.bytes = 0;
  }
}

/** Exchanges say when a tree is complete; SDK spans only where there are none. */
function laterSettled(a: Tree, b: Tree): Nanos {
  if (a.undecidedExchanges > 0 === b.undecidedExchanges > 0) return Math.max(a.settledAt, b.settledAt);
  return a.undecidedExchanges > 0 ? a.settledAt : b.settledAt;
}
