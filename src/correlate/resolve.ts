import type { Nanos } from '../collector/clock.ts';
import type { Process } from '../receiver/ebpf/exchange.ts';
import { traceIdOf } from './identity.ts';
import { bestServer, describesServer } from './join/server-span.ts';
import { isIncoming, isOutgoing } from './kind.ts';
import type { Evidence } from './link/rule.ts';
import type { ExchangeNode, Frozen, SdkNode, SpanReference, TreeNode } from './node.ts';
import type { Tree } from './tree.ts';

export interface ResolveOptions {
  /** What becomes of an exchange of an instrumented process that neither a flag nor an SDK span explains. */
  readonly unmatched: 'keep' | 'drop';
  /** The process is known to deliver spans of its own. */
  instrumented(process: Process): boolean;
}

interface Parent {
  /** Empty for a root. */
  readonly spanId: string;
  /** The parent, where it is in the tree. */
  readonly node: TreeNode | undefined;
  readonly evidence: Frozen['evidence'];
}

const ROOT: Parent = { spanId: '', node: undefined, evidence: undefined };

/**
 * Decides how the members of a tree hang together: which SDK span describes which exchange, everybody's parent, the
 * trace id. What was decided at an earlier release stands, and what came since is fitted around it.
 */
export function resolveTree(tree: Tree, options: ResolveOptions): void {
  new Resolution(tree, options).decide();
}

class Resolution {
  readonly #tree: Tree;
  readonly #options: ResolveOptions;
  readonly #exchanges: ExchangeNode[] = [];
  readonly #spans: SdkNode[] = [];
  readonly #spansById = new Map<string, SdkNode>();
  readonly #parents = new Map<TreeNode, Parent>();
  readonly #sampledOut: boolean;
  /** Server exchanges by the context that came in on them. */
  readonly #servers = new Map<string, ExchangeNode[]>();
  /** SDK spans of received requests by the context they name as their parent. */
  readonly #incomingSpans = new Map<string, SdkNode[]>();

  constructor(tree: Tree, options: ResolveOptions) {
    this.#tree = tree;
    this.#options = options;
    for (const node of tree.nodes)
      if (node.type === 'exchange') this.#exchanges.push(node);
      else {
        this.#spans.push(node);
        this.#spansById.set(node.traceId + node.spanId, node);
        if (isIncoming(node.kind) && node.parentSpanId !== '')
          append(this.#incomingSpans, node.traceId + node.parentSpanId, node);
      }
    this.#sampledOut = this.#spans.length === 0 && this.#exchanges.some(saysNotSampled);
    for (const node of this.#exchanges) {
      const key = contextKey(node);
      if (node.exchange.side === 'server' && key !== undefined) append(this.#servers, key, node);
    }
  }

  decide(): void {
    this.#pairByContext();
    for (const node of this.#exchanges) this.#parents.set(node, this.#exchangeParent(node));
    const forwarded = this.#forwardedCallees();
    for (const span of this.#spans) this.#parents.set(span, this.#spanParent(span, forwarded));
    this.#breakCycles();
    const traceId = this.#tree.frozenTraceId ?? this.#traceId();
    this.#tree.frozenTraceId = traceId;
    for (const node of this.#tree.nodes) node.frozen ??= this.#freeze(node, traceId);
  }

  /** SDK spans and exchanges that the header they share ties together. */
  #pairByContext(): void {
    for (const node of this.#exchanges) {
      const key = contextKey(node);
      if (key === undefined || node.sdk) continue;
      if (node.exchange.side === 'client') {
        const span = this.#spansById.get(key);
        if (span && isOutgoing(span.kind) && !span.describes && this.#madeBy(span, node)) pair(span, node);
      }
    }
    for (const [key, spans] of this.#incomingSpans)
      for (const span of spans) {
        if (span.describes) continue;
        const fitting =
          this.#servers.get(key)?.filter((node) => !node.sdk && describesServer(span, node)) ?? [];
        const best = bestServer(span, fitting);
        if (best) pair(span, best);
      }
  }

  /** The span that the call's header names is the caller's own, not one that a proxy passes on. */
  #madeBy(span: SdkNode, node: ExchangeNode): boolean {
    if (span.process !== undefined) return span.process === node.exchange.process;
    return !this.#isForwarded(node);
  }

  #isForwarded(node: ExchangeNode): boolean {
    const key = contextKey(node);
    const { process } = node.exchange;
    return (
      key !== undefined &&
      this.#servers.get(key)?.some((server) => server.exchange.process === process) === true
    );
  }

  #exchangeParent(node: ExchangeNode): Parent {
    if (node.frozen)
      return { spanId: node.frozen.parentSpanId, node: undefined, evidence: node.frozen.evidence };
    return node.exchange.side === 'server' ? this.#serverParent(node) : this.#clientParent(node);
  }

  #serverParent(node: ExchangeNode): Parent {
    if (node.peer && node.peer.tree === node.tree) return this.#under(node.peer, 'peer');
    if (typeof node.context === 'string') return ROOT;
    const { traceId, spanId } = node.context;
    return { spanId, node: this.#spansById.get(traceId + spanId), evidence: 'wire_context' };
  }

  #clientParent(node: ExchangeNode): Parent {
    if (typeof node.context !== 'string') {
      const span = this.#spansById.get(node.context.traceId + node.context.spanId);
      // A header that names a SERVER or INTERNAL span (Caddy's does): the call is that span's child.
      if (span && !isOutgoing(span.kind) && span.process === node.exchange.process)
        return { spanId: span.spanId, node: span, evidence: 'wire_context' };
    }
    return this.#causeOf(node);
  }

  #causeOf(node: ExchangeNode): Parent {
    if (!node.cause || node.cause.tree !== node.tree) return ROOT;
    return this.#under(node.cause, node.evidence!);
  }

  /** The span that stands for an exchange, as a parent. */
  #under(node: ExchangeNode, evidence: Evidence | 'peer'): Parent {
    if (node.frozen && !node.frozen.silent) return { spanId: node.spanId, node, evidence };
    if (node.sdk) return { spanId: node.sdk.spanId, node: node.sdk, evidence };
    if (this.#dropped(node)) {
      const above = this.#exchangeParent(node);
      return above.spanId === '' ? ROOT : { ...above, evidence };
    }
    return { spanId: node.spanId, node, evidence };
  }

  #spanParent(span: SdkNode, forwarded: ReadonlyMap<SdkNode, ExchangeNode>): Parent {
    const own: Parent = {
      spanId: span.parentSpanId,
      node: this.#spansById.get(span.traceId + span.parentSpanId),
      evidence: undefined,
    };
    if (span.frozen) return { ...own, spanId: span.frozen.parentSpanId };
    const exchange = span.describes;
    if (exchange) {
      // The exchange has left already as a span of its own: the SDK's comes under it.
      if (exchange.frozen && !exchange.frozen.silent)
        return { spanId: exchange.spanId, node: exchange, evidence: 'sdk_span' };
      const above = this.#parents.get(exchange)!;
      if (exchange.exchange.side === 'server') {
        if (exchange.peer && above.spanId !== '' && above.spanId !== own.spanId) return above;
      } else if (own.spanId === '' && above.spanId !== '') return above;
    }
    const proxy = forwarded.get(span);
    return proxy ? this.#under(proxy, 'forwarded_context') : own;
  }

  /**
   * Callees whose own side was not observed, behind a proxy that passes the context on: the SERVER span comes under
   * the proxy's call. Within one (trace, parent) pair (retries repeat it) they are matched one to one by connection.
   */
  #forwardedCallees(): Map<SdkNode, ExchangeNode> {
    const callees = new Map<SdkNode, ExchangeNode>();
    for (const call of this.#exchanges) {
      if (call.exchange.side !== 'client' || call.peer || call.sdk || !this.#isForwarded(call)) continue;
      const spans = (this.#incomingSpans.get(contextKey(call)!) ?? []).filter(
        (span) =>
          !span.frozen && !span.describes && !callees.has(span) && span.process !== call.exchange.process,
      );
      const { localPort } = call.exchange.connection.socket;
      const byPort = spans.filter((span) => span.content.peerPort === localPort);
      const callee =
        byPort.length === 1
          ? byPort[0]
          : spans.length === 1 && spans[0]!.content.peerPort === undefined
            ? spans[0]
            : undefined;
      if (callee) callees.set(callee, call);
    }
    return callees;
  }

  /** No evidence may lead in a circle; the links we added give way, never the SDK's own. */
  #breakCycles(): void {
    const settled = new Set<TreeNode>();
    for (const start of this.#parents.keys()) {
      const path = new Set<TreeNode>();
      let node: TreeNode | undefined = start;
      while (node && !settled.has(node) && !path.has(node)) {
        path.add(node);
        node = this.#parents.get(node)?.node;
      }
      if (node && path.has(node)) this.#cut(node);
      for (const seen of path) settled.add(seen);
    }
  }

  #cut(onCycle: TreeNode): void {
    let node: TreeNode = onCycle;
    do {
      const parent: Parent = this.#parents.get(node)!;
      if (!node.frozen && parent.evidence !== undefined) {
        if (node.type === 'exchange') node.ambiguous = true;
        const own = node.type === 'sdk' && node.parentSpanId !== parent.spanId ? node.parentSpanId : '';
        this.#parents.set(node, { spanId: own, node: undefined, evidence: undefined });
        return;
      }
      node = parent.node!;
    } while (node !== onCycle);
  }

  /** The id nearest the root that an SDK or the wire knows; where there is none, a hash of the root exchange's name. */
  #traceId(): string {
    const children = new Map<TreeNode | undefined, TreeNode[]>();
    for (const [node, parent] of this.#parents) append(children, parent.node, node);
    let level = children.get(undefined) ?? [];
    const first = earliest(level.filter((node) => node.type === 'exchange'));
    while (level.length > 0) {
      const known = earliest(level.filter((node) => knownTraceId(node) !== undefined));
      if (known) return knownTraceId(known)!;
      level = level.flatMap((node) => children.get(node) ?? []);
    }
    return traceIdOf((first as ExchangeNode).exchange);
  }

  #freeze(node: TreeNode, traceId: string): Frozen {
    const parent = this.#parents.get(node)!;
    const links: SpanReference[] = [];
    if (node.type === 'exchange' && node.linkedTo?.frozen)
      links.push({ traceId: node.linkedTo.frozen.traceId, spanId: standIn(node.linkedTo) });
    return {
      traceId,
      parentSpanId: parent.spanId,
      start: this.#start(node, parent),
      evidence: parent.evidence,
      silent: node.type === 'exchange' && (node.sdk !== undefined || this.#dropped(node)),
      links,
    };
  }

  /**
   * Records come after the calls they report, so that two threads' may be a few microseconds out of order: an exchange
   * starts no earlier than the exchange it hangs under. Times of SDK spans are the SDK's.
   */
  #start(node: TreeNode, parent: Parent): Nanos {
    const above = parent.node;
    if (node.type === 'sdk' || above?.type !== 'exchange') return node.start;
    const aboveStart = above.frozen?.start ?? this.#start(above, this.#parents.get(above)!);
    return Math.max(node.start, aboveStart);
  }

  /** Nothing is shown of a trace that was sampled out, nor, if so configured, of what nobody explains. */
  #dropped(node: ExchangeNode): boolean {
    if (this.#sampledOut) return true;
    return (
      this.#options.unmatched === 'drop' &&
      node.sdk === undefined &&
      typeof node.context === 'string' &&
      this.#options.instrumented(node.exchange.process)
    );
  }
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

function pair(span: SdkNode, node: ExchangeNode): void {
  span.describes = node;
  node.sdk = span;
}

/** The id under which an exchange is to be found in the output. */
function standIn(node: ExchangeNode): string {
  return node.sdk && node.frozen?.silent ? node.sdk.spanId : node.spanId;
}

function contextKey(node: ExchangeNode): string | undefined {
  return typeof node.context === 'string' ? undefined : node.context.traceId + node.context.spanId;
}

function saysNotSampled(node: ExchangeNode): boolean {
  return typeof node.context !== 'string' && !node.context.sampled;
}

function knownTraceId(node: TreeNode): string | undefined {
  if (node.type === 'sdk') return node.traceId;
  return typeof node.context === 'string' ? undefined : node.context.traceId;
}

function earliest(nodes: readonly TreeNode[]): TreeNode | undefined {
  let first: TreeNode | undefined;
  let at: Nanos = Number.POSITIVE_INFINITY;
  for (const node of nodes)
    if (node.start < at) {
      first = node;
      at = node.start;
    }
  return first;
}
