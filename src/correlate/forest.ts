import type { Clock, Nanos } from '../collector/clock.ts';
import { DueQueue } from './due-queue.ts';
import { Line } from './line.ts';
import type { ExchangeNode, SdkNode, TreeNode } from './node.ts';
import type { CorrelateOptions } from './options.ts';
import { Tree } from './tree.ts';

/** Late fragments are gathered for this long, so that one export of an SDK leaves as one batch. */
export const LATE_GATHER: Nanos = 200e6;

/** Trees leave at multiples of this, so that those due at about the same time leave in one request. */
export const RELEASE_STEP: Nanos = 100e6;

/** All trees: those held, and those that have left and are remembered for what comes late. */
export class Forest {
  readonly #clock: Clock;
  readonly #options: CorrelateOptions;
  readonly #forgotten: (tree: Tree) => void;
  readonly #due = new DueQueue<Tree>(RELEASE_STEP);
  readonly #traces = new Map<string, Tree>();
  /** In the order they began to be held. */
  readonly #held = new Line<Tree>();
  /** In the order they left. */
  readonly #remembered = new Line<Tree>();
  #size = 0;
  #bytes = 0;

  /** @param forgotten told of every tree that is not remembered any more */
  constructor(clock: Clock, options: CorrelateOptions, forgotten: (tree: Tree) => void) {
    this.#clock = clock;
    this.#options = options;
    this.#forgotten = forgotten;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Exchanges and spans held or remembered. */
  get size(): number {
    return this.#size;
  }

  nextDue(): Nanos | undefined {
    return this.#due.nextDue();
  }

  add(node: ExchangeNode): void {
    const tree = this.#plant([node]);
    node.tree = tree;
    tree.open++;
    tree.undecided++;
    tree.undecidedExchanges++;
    tree.waiting++;
    this.#size++;
    this.#enqueue(tree);
  }

  addSpan(span: SdkNode): 'held' | 'late' | 'duplicate' {
    const id = span.traceId + span.spanId;
    const known = this.#traces.get(span.traceId);
    const same = known?.spans.get(id);
    if (same?.some((other) => other.kind === span.kind && other.resource.key === span.resource.key))
      return 'duplicate';
    const tree = known ?? this.#plant();
    if (!known) this.#name(tree, span.traceId);
    span.tree = tree;
    tree.nodes.push(span);
    tree.addSpan(id, span);
    tree.undecided++;
    tree.waiting++;
    const size = span.bytes!.length;
    tree.bytes += size;
    this.#bytes += size;
    this.#size++;
    if (tree.undecidedExchanges === 0) tree.settledAt = this.#clock.now();
    this.#hold(tree);
    this.#enqueue(tree);
    return tree.released ? 'late' : 'held';
  }

  /** Takes in a trace that only SDKs told of so far: those of its spans that have not left are held since when it was. */
  adopt(spans: readonly SdkNode[], settledAt: Nanos, heldSince: Nanos): void {
    const { traceId } = spans[0]!;
    const tree = this.#plant();
    this.#name(tree, traceId);
    tree.settledAt = settledAt;
    tree.heldSince = heldSince;
    for (const span of spans) {
      span.tree = tree;
      tree.nodes.push(span);
      tree.addSpan(span.traceId + span.spanId, span);
      this.#size++;
      if (span.frozen) {
        tree.frozenTraceId = traceId;
        continue;
      }
      tree.undecided++;
      tree.waiting++;
      tree.bytes += span.bytes!.length;
    }
    this.#bytes += tree.bytes;
    if (tree.waiting === 0) {
      this.#held.delete(tree);
      this.#remembered.add(tree);
    }
    this.#enqueue(tree);
  }

  /** The exchange's response is complete, or will never be. Said again it changes nothing. */
  ended(node: ExchangeNode): void {
    if (!node.open) return;
    const { tree } = node;
    node.open = false;
    tree.open--;
    tree.settledAt = this.#clock.now();
    this.#enqueue(tree);
  }

  /** Takes back an exchange that was none and about which nothing has been decided. */
  remove(node: ExchangeNode): void {
    const { tree } = node;
    const { nodes } = tree;
    // What is taken back has come lately.
    nodes[nodes.lastIndexOf(node)] = nodes.at(-1)!;
    nodes.pop();
    if (node.open) tree.open--;
    tree.undecided--;
    tree.undecidedExchanges--;
    tree.waiting--;
    this.#size--;
    if (tree.nodes.length === 0) this.#fell(tree);
    else this.#enqueue(tree);
  }

  /** Makes the tree the one of this trace id, with everything already known of it. */
  joinTrace(tree: Tree, traceId: string): void {
    const known = this.#traces.get(traceId);
    if (known) this.join(known, tree);
    else this.#name(tree, traceId);
  }

  /** The trace id under which what carries this one leaves: undefined while that is open or nothing is known of it. */
  finalTraceId(traceId: string): string | undefined {
    return this.#traces.get(traceId)?.frozenTraceId;
  }

  /** Something of this trace is held or remembered. */
  knows(traceId: string): boolean {
    return this.#traces.has(traceId);
  }

  /** Makes one tree of two. False where both have left already under different trace ids, or one is forgotten. */
  join(a: Tree, b: Tree): boolean {
    if (a.forgotten || b.forgotten) return false;
    if (a === b) return true;
    if (a.released && b.released && a.frozenTraceId !== b.frozenTraceId) return false;
    const [into, from] = a.nodes.length >= b.nodes.length ? [a, b] : [b, a];
    for (const id of from.traceIds) this.#traces.set(id, into);
    into.absorb(from);
    this.#due.delete(from);
    this.#held.delete(from);
    this.#remembered.delete(from);
    if (into.waiting > 0) this.#hold(into);
    this.#enqueue(into);
    return true;
  }

  /** Trees that are due at `now`; what is too old to be remembered is forgotten on the way. */
  takeDue(now: Nanos): Tree[] {
    const due = this.#due.take(now);
    this.#expire(now);
    return due;
  }

  /** It leaves, or is looked at, no earlier than this; what is said of it otherwise does not count until then. */
  postpone(tree: Tree, to: Nanos): void {
    tree.postponedTo = to;
    this.#enqueue(tree);
  }

  /** Still there and still due, after what the last look at it joined. */
  confirmDue(tree: Tree): boolean {
    if (this.#dueAt(tree) <= this.#clock.now()) return true;
    this.#enqueue(tree);
    return false;
  }

  /** Forgets the tree that left first. False where none is remembered. */
  forgetOldest(): boolean {
    const oldest = this.#remembered.first;
    if (oldest) this.#fell(oldest);
    return oldest !== undefined;
  }

  /** Trees of which something may still be to leave, the longest held first. */
  get held(): Iterable<Tree> {
    return this.#held;
  }

  /** Every tree of which something is still to leave. */
  all(): Tree[] {
    return [...this.#held].filter((tree) => tree.waiting > 0);
  }

  /** The tree's decided members have left; what is left of it waits for their end, or is remembered. */
  released(tree: Tree): void {
    const now = this.#clock.now();
    this.#bytes -= tree.bytes;
    tree.recount();
    this.#bytes += tree.bytes;
    tree.heldSince = now;
    // Exchanges that wait for another pipeline could have left already.
    if (tree.undecidedExchanges === 0) tree.settledAt = now;
    this.#enqueue(tree);
    if (tree.waiting === 0) {
      this.#held.delete(tree);
      this.#remembered.delete(tree);
      this.#remembered.add(tree);
    }
  }

  #plant(nodes?: TreeNode[]): Tree {
    const tree = new Tree(this.#clock.now(), nodes);
    this.#held.add(tree);
    return tree;
  }

  #hold(tree: Tree): void {
    this.#remembered.delete(tree);
    this.#held.add(tree);
  }

  #name(tree: Tree, traceId: string): void {
    tree.addTraceIds(traceId);
    this.#traces.set(traceId, tree);
  }

  #dueAt(tree: Tree): Nanos {
    if (tree.waiting === 0) return Number.POSITIVE_INFINITY;
    const oldest = tree.undecided > 0 ? tree.heldSince + this.#options.maxAge : Number.POSITIVE_INFINITY;
    if (tree.postponedTo !== undefined) return Math.min(oldest, tree.postponedTo);
    if (tree.released && tree.undecidedExchanges === 0) {
      // Late SDK spans, and exchanges whose id was promised while they were open.
      return tree.undecided > 0 || tree.waiting > tree.open ? tree.settledAt + LATE_GATHER : oldest;
    }
    return tree.open > 0 ? oldest : Math.min(oldest, tree.settledAt + this.#options.decisionWait);
  }

  #enqueue(tree: Tree): void {
    this.#due.set(tree, this.#dueAt(tree));
  }

  #expire(now: Nanos): void {
    for (let tree = this.#remembered.first; tree; tree = this.#remembered.first) {
      if (tree.heldSince + this.#options.lateWindow > now) break;
      this.#fell(tree);
    }
  }

  #fell(tree: Tree): void {
    this.#due.delete(tree);
    this.#remembered.delete(tree);
    this.#held.delete(tree);
    for (const id of tree.traceIds) if (this.#traces.get(id) === tree) this.#traces.delete(id);
    this.#size -= tree.nodes.length;
    this.#bytes -= tree.bytes;
    this.#forgotten(tree);
    tree.nodes = [];
    tree.waiting = 0;
    tree.forgotten = true;
  }
}
