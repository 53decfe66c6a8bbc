import type { Nanos } from '../collector/clock.ts';
import type { Process } from '../receiver/ebpf/exchange.ts';
import { ContextPairs } from './join/by-context.ts';
import type { Evidence } from './link/rule.ts';
import type { ExchangeNode, Frozen, SdkNode, SpanReference, TreeNode } from './node.ts';
import type { CorrelateOptions } from './options.ts';
import { type Parent, Parents, ROOT } from './parents.ts';
import { farParent } from './rendezvous/far-ends.ts';
import type { FarParent } from './rendezvous/rendezvous.ts';
import { chooseTraceId } from './trace-id.ts';
import type { Tree } from './tree.ts';

export interface ResolveOptions extends Pick<CorrelateOptions, 'overlap' | 'traceConflict'> {
  /** Believe what headers say of the spans they name. */
  readonly wireContext: boolean;
  /** What becomes of an exchange of an instrumented process that neither a flag nor an SDK span explains. */
  readonly unmatched: 'keep' | 'drop';
  /** The process is known to deliver spans of its own. */
  instrumented(process: Process): boolean;
  /** By how much clocks may differ where this span is matched by time. */
  clockStep(span: SdkNode): Nanos;
  /** What another pipeline decides about this request is still to come: it and what hangs under it stay undecided. */
  readonly waits?: ((node: ExchangeNode) => boolean) | undefined;
}

export interface Resolved {
  /** Members about which it was decided now. */
  readonly decided: readonly TreeNode[];
  /** Nothing is shown of the trace. */
  readonly sampledOut: boolean;
}

/**
 * Decides how the members of a tree hang together: which SDK span describes which exchange, everybody's parent, the
 * trace id. What was decided at an earlier release stands, and what came since is fitted around it.
 */
export function resolveTree(tree: Tree, options: ResolveOptions): Resolved {
  return new Resolution(tree, options).decide();
}

class Resolution {
  readonly #tree: Tree;
  readonly #options: ResolveOptions;
  readonly #exchanges: ExchangeNode[] = [];
  readonly #spans: SdkNode[] = [];
  readonly #parents = new Parents();
  readonly #sampledOut: boolean;
  /** Undefined where there are no SDK spans that headers could name. */
  readonly #byContext: ContextPairs | undefined;
  /** What has left, by span id. */
  #left: Map<string, TreeNode> | undefined;

  constructor(tree: Tree, options: ResolveOptions) {
    this.#tree = tree;
    this.#options = options;
    for (const node of tree.nodes) {
      if (node.type === 'exchange') this.#exchanges.push(node);
      else this.#spans.push(node);
      if (node.frozen && !node.frozen.silent) {
        this.#left ??= new Map();
        this.#left.set(node.spanId, node);
      }
    }
    this.#sampledOut = this.#spans.length === 0 && nobodySampled(this.#exchanges);
    if (this.#spans.length > 0)
      this.#byContext = new ContextPairs(tree, this.#exchanges, this.#spans, (span) =>
        options.clockStep(span),
      );
  }

  decide(): Resolved {
    if (this.#options.wireContext) this.#byContext?.pair();
    for (const node of this.#exchanges) this.#parents.set(node, this.#exchangeParent(node));
    const forwarded = this.#byContext?.forwardedCallees();
    for (const span of this.#spans) this.#parents.set(span, this.#spanParent(span, forwarded));
    this.#parents.breakCircles((node) => (node.type === 'sdk' ? this.#ownParent(node) : ROOT));

    const topDown = this.#withoutWaiting(this.#parents.topDown());
    const decided = topDown.filter((node) => !node.frozen);
    if (decided.length === 0) return { decided, sampledOut: this.#sampledOut };
    for (const node of topDown) this.#skipDropped(node);
    const traceId = this.#tree.frozenTraceId ?? chooseTraceId(topDown, this.#parents);
    this.#tree.frozenTraceId = traceId;
    for (const node of decided) node.frozen = this.#freeze(node, traceId);
    return { decided, sampledOut: this.#sampledOut };
  }

  #withoutWaiting(topDown: TreeNode[]): TreeNode[] {
    const { waits: isWaiting } = this.#options;
    if (!isWaiting) return topDown;
    const waiting = new Set<TreeNode>();
    const waits = (node: TreeNode) => {
      const exchange = node.type === 'exchange' ? node : node.describes;
      return exchange !== undefined && isWaiting(exchange);
    };
    for (const node of topDown) {
      if (node.frozen) continue;
      const above = this.#parents.get(node).node;
      if (waits(node) || (above && waiting.has(above))) waiting.add(node);
    }
    return waiting.size === 0 ? topDown : topDown.filter((node) => !waiting.has(node));
  }

  /** Both spans of a pair are shown: SDK client, zero-code client, zero-code server, SDK server. */
  get #nests(): boolean {
    return this.#options.overlap === 'nest';
  }

  #exchangeParent(node: ExchangeNode): Parent {
    if (node.frozen) return this.#frozenParent(node.frozen);
    return node.exchange.side === 'server' ? this.#serverParent(node) : this.#clientParent(node);
  }

  /** What was decided; the parent may have come since, if it was the wire that named it. */
  #frozenParent({ parentSpanId }: Frozen): Parent {
    const node = parentSpanId === '' ? undefined : this.#node(parentSpanId);
    return { spanId: parentSpanId, node, evidence: undefined };
  }

  #node(spanId: string): TreeNode | undefined {
    const left = this.#left?.get(spanId);
    if (left) return left;
    for (const traceId of this.#tree.traceIds) {
      const span = this.#tree.spans.get(traceId + spanId)?.[0];
      if (span) return span;
    }
    return undefined;
  }

  #serverParent(node: ExchangeNode): Parent {
    if (node.peer) return this.#nests ? shown(node.peer, 'peer') : under(node.peer, 'peer');
    const far = farParent(node);
    if (far) return this.#underFar(far);
    if (typeof node.context === 'string' || !this.#options.wireContext) return ROOT;
    const { traceId, spanId } = node.context;
    return { spanId, node: this.#tree.spans.get(traceId + spanId)?.[0], evidence: 'wire_context' };
  }

  /** The caller's side belongs to another pipeline; the span shown for it can have come here as well. */
  #underFar({ traceId, spanId }: FarParent): Parent {
    const node = spanId === '' ? undefined : this.#node(spanId);
    return { spanId, node, evidence: spanId === '' ? undefined : 'peer', traceId };
  }

  #clientParent(node: ExchangeNode): Parent {
    // A header that names a SERVER or INTERNAL span (Caddy's does), or a CLIENT span again (a redirect).
    const caller = this.#options.wireContext ? this.#byContext?.caller(node) : undefined;
    if (caller && (caller !== node.sdk || this.#nests))
      return { spanId: caller.spanId, node: caller, evidence: 'wire_context' };
    if (this.#nests && node.sdk) return { spanId: node.sdk.spanId, node: node.sdk, evidence: 'sdk_span' };
    return this.#causeOf(node);
  }

  #causeOf({ cause, evidence }: ExchangeNode): Parent {
    return cause && !cause.discarded ? under(cause, evidence!) : ROOT;
  }

  #spanParent(span: SdkNode, forwarded: ReadonlyMap<SdkNode, ExchangeNode> | undefined): Parent {
    if (span.frozen) return this.#frozenParent(span.frozen);
    const own = this.#ownParent(span);
    const exchange = span.describes;
    if (exchange) {
      // The exchange has left already as a span of its own: the SDK's comes under it.
      if (exchange.frozen && !exchange.frozen.silent)
        return { spanId: exchange.spanId, node: exchange, evidence: 'sdk_span' };
      if (exchange.exchange.side === 'client') {
        const cause = own.spanId === '' ? this.#causeOf(exchange) : ROOT;
        if (cause.spanId !== '') return cause;
      } else if (this.#nests) return shown(exchange, isNamedBy(exchange, span) ? 'wire_context' : 'sdk_span');
      else {
        const above = this.#parents.get(exchange);
        const met = exchange.peer || farParent(exchange);
        const startsTrace = own.spanId === '' && exchange.contextKey !== undefined;
        if ((met || startsTrace) && above.spanId !== '' && above.spanId !== own.spanId) return above;
      }
    }
    const proxy = forwarded?.get(span);
    return proxy ? under(proxy, 'forwarded_context') : own;
  }

  #ownParent(span: SdkNode): Parent {
    return {
      spanId: span.parentSpanId,
      node: this.#tree.spans.get(span.traceId + span.parentSpanId)?.[0],
      evidence: undefined,
    };
  }

  /** What hangs under an exchange that is not shown hangs under that one's parent. Parents come first. */
  #skipDropped(node: TreeNode): void {
    const parent = this.#parents.get(node);
    if (node.frozen || parent.node?.type !== 'exchange' || !this.#dropped(parent.node)) return;
    const above = this.#parents.get(parent.node);
    if (above.spanId !== '') this.#parents.set(node, { ...above, evidence: parent.evidence });
    else this.#parents.set(node, node.type === 'sdk' ? this.#ownParent(node) : ROOT);
  }

  #freeze(node: TreeNode, treeTraceId: string): Frozen {
    const decided = this.#parents.get(node);
    const links: SpanReference[] = [];
    if (node.linkedTo?.frozen && !isHidden(node.linkedTo))
      links.push({ traceId: node.linkedTo.frozen.traceId, spanId: standIn(node.linkedTo).spanId });
    const traceId = this.#traceIdOf(node, decided, treeTraceId);
    const aboveTraceId = decided.node?.frozen?.traceId ?? decided.traceId;
    const apart = aboveTraceId !== undefined && aboveTraceId !== traceId;
    if (apart && decided.spanId !== '') links.push({ traceId: aboveTraceId, spanId: decided.spanId });
    const { spanId: parentSpanId, evidence } = apart ? this.#apart(node) : decided;
    if (node.type === 'exchange' && evidence !== undefined) node.ambiguous = false;
    return {
      traceId,
      parentSpanId,
      start: node.type === 'sdk' ? node.start : startWithin(node, decided.node),
      evidence,
      silent: node.type === 'exchange' && ((node.sdk !== undefined && !this.#nests) || this.#dropped(node)),
      links,
    };
  }

  /** The parent of what can not be in the trace of the one it would have. */
  #apart(node: TreeNode): Parent {
    return node.type === 'sdk' ? this.#ownParent(node) : ROOT;
  }

  /** Where SDK spans keep their ids, zero-code spans are of the trace they hang in. */
  #traceIdOf(node: TreeNode, { node: above, traceId }: Parent, treeTraceId: string): string {
    if (this.#options.traceConflict === 'rewrite') return treeTraceId;
    if (node.type === 'sdk') return node.traceId;
    if (above?.frozen) return above.frozen.traceId;
    if (traceId !== undefined) return traceId;
    return typeof node.context === 'string' ? treeTraceId : node.context.traceId;
  }

  /** Nothing is shown of a trace that was sampled out, nor, if so configured, of what nobody explains. */
  #dropped(node: ExchangeNode): boolean {
    if (node.frozen) return isHidden(node);
    if (node.sdk) return false;
    if (this.#sampledOut) return true;
    return (
      this.#options.unmatched === 'drop' &&
      typeof node.context === 'string' &&
      this.#options.instrumented(node.exchange.process)
    );
  }
}

/** The node that is shown for an exchange: the SDK's span where one describes it. */
function standIn(node: ExchangeNode): TreeNode {
  return node.sdk && (node.frozen === undefined || node.frozen.silent) ? node.sdk : node;
}

function under(node: ExchangeNode, evidence: Evidence | 'peer'): Parent {
  return shown(standIn(node), evidence);
}

function shown(node: TreeNode, evidence: Evidence | 'peer'): Parent {
  return { spanId: node.spanId, node, evidence };
}

/** The span names the context that came in with the request as its parent. */
function isNamedBy({ contextKey }: ExchangeNode, { traceId, parentSpanId }: SdkNode): boolean {
  return contextKey === traceId + parentSpanId;
}

/** It was decided that nothing is shown for it. */
function isHidden(node: ExchangeNode): boolean {
  return node.frozen?.silent === true && node.sdk === undefined;
}

/**
 * Records come after the calls they report, so that two threads' may be a few microseconds out of order: an exchange
 * starts no earlier than the exchange it hangs under. Times of SDK spans are the SDK's.
 */
function startWithin(node: ExchangeNode, above: TreeNode | undefined): Nanos {
  const outer = node.exchange.side === 'server' ? (node.peer ?? above) : above;
  return outer?.type === 'exchange' ? Math.max(node.start, outer.frozen?.start ?? outer.start) : node.start;
}

function nobodySampled(exchanges: readonly ExchangeNode[]): boolean {
  let flags = 0;
  for (const node of exchanges) {
    const far = farParent(node);
    if (far?.sampled) return false;
    if (far) flags++;
    const { context } = node;
    if (typeof context === 'string') continue;
    if (context.sampled) return false;
    flags++;
  }
  return flags > 0;
}
