import type { Nanos } from '../../collector/clock.ts';
import { isIncoming, isOutgoing } from '../kind.ts';
import type { ExchangeNode, SdkNode } from '../node.ts';
import type { Tree } from '../tree.ts';
import { bestServer, describesServer } from './server-span.ts';

/** Finds what the headers of a tree's exchanges say about its SDK spans. */
export class ContextPairs {
  readonly #tree: Tree;
  readonly #clockStep: (span: SdkNode) => Nanos;
  readonly #exchanges: readonly ExchangeNode[];
  /** Server exchanges by the context that came in on them. */
  readonly #servers = new Map<string, ExchangeNode[]>();
  /** Client exchanges by the context that went out on them. */
  readonly #calls = new Map<string, ExchangeNode[]>();
  /** SDK spans of received requests by the context they name as their parent. */
  readonly #incoming = new Map<string, SdkNode[]>();

  constructor(
    tree: Tree,
    exchanges: readonly ExchangeNode[],
    spans: readonly SdkNode[],
    clockStep: (span: SdkNode) => Nanos,
  ) {
    this.#clockStep = clockStep;
    this.#tree = tree;
    this.#exchanges = exchanges;
    for (const node of exchanges)
      if (node.contextKey !== undefined)
        append(node.exchange.side === 'server' ? this.#servers : this.#calls, node.contextKey, node);
    for (const span of spans)
      if (isIncoming(span.kind) && span.parentSpanId !== '')
        append(this.#incoming, span.traceId + span.parentSpanId, span);
  }

  /** Ties each SDK span to the exchange it shares a header with. */
  pair(): void {
    for (const node of this.#exchanges) {
      if (node.exchange.side !== 'client' || node.sdk) continue;
      const span = this.caller(node);
      if (span && isOutgoing(span.kind) && !span.describes) tie(span, node);
    }
    for (const [key, spans] of this.#incoming)
      for (const span of spans) {
        if (span.describes) continue;
        const step = this.#clockStep(span);
        const fitting =
          this.#servers
            .get(key)
            ?.filter(
              (node) => !node.sdk && describesServer(span, node, step) && !this.#mayBeBehind(span, node, key),
            ) ?? [];
        const best = bestServer(span, fitting);
        if (best) tie(span, best);
      }
  }

  /** The span of its own process that a call's header names: not one that a proxy only passes on. */
  caller(call: ExchangeNode): SdkNode | undefined {
    const named = call.contextKey === undefined ? undefined : this.#tree.spans.get(call.contextKey);
    if (named === undefined) return undefined;
    const { process } = call.exchange;
    const own = named.filter((span) =>
      span.process === undefined ? !this.#isForwarded(call) : span.process === process,
    );
    // Under b3 the callee's SERVER span can have the id of the caller's CLIENT span.
    return own.find((span) => isOutgoing(span.kind)) ?? own[0];
  }

  /**
   * Callees whose own side was not observed, behind a proxy that passes the context on: the SERVER span comes under
   * the proxy's call. Within one (trace, parent) pair (retries repeat it) they are matched by connection, where
   * one call and one span are of it; a span that does not name its peer's port where there is one of it and one call.
   */
  forwardedCallees(): ReadonlyMap<SdkNode, ExchangeNode> {
    const callees = new Map<SdkNode, ExchangeNode>();
    const isOpen = (call: ExchangeNode) => !call.peer && !call.sdk && this.#isForwarded(call);
    for (const [key, calls] of this.#calls) {
      const open = calls.filter(isOpen);
      for (const call of open) {
        const callee = this.#callee(key, call, open);
        if (callee) callees.set(callee, call);
      }
    }
    return callees;
  }

  #callee(key: string, call: ExchangeNode, open: readonly ExchangeNode[]): SdkNode | undefined {
    const spans = (this.#incoming.get(key) ?? []).filter(
      (span) => !span.frozen && !span.describes && span.process !== call.exchange.process,
    );
    const { localPort, path } = call.exchange.connection.socket;
    const byPort = path === undefined ? spans.filter((span) => span.content.peerPort === localPort) : [];
    const isOnlyOnPort = open.filter((other) => portOf(other) === localPort).length === 1;
    if (byPort.length === 1 && isOnlyOnPort) return byPort[0];
    const isOnlySpan = spans.length === 1 && spans[0]!.content.peerPort === undefined;
    return open.length === 1 && isOnlySpan ? spans[0] : undefined;
  }

  /** A span of nobody knows whom, without a port to tell its connection by, may be that of what a proxy called. */
  #mayBeBehind(span: SdkNode, node: ExchangeNode, key: string): boolean {
    const { process, connection } = node.exchange;
    if (span.process !== undefined) return false;
    if (span.content.peerPort !== undefined && connection.socket.path === undefined) return false;
    return this.#calls.get(key)?.some((call) => call.exchange.process === process) === true;
  }

  #isForwarded(call: ExchangeNode): boolean {
    const { process } = call.exchange;
    return (
      call.contextKey !== undefined &&
      this.#servers.get(call.contextKey)?.some((server) => server.exchange.process === process) === true
    );
  }
}

function portOf({ exchange }: ExchangeNode): number {
  return exchange.connection.socket.localPort;
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

function tie(span: SdkNode, node: ExchangeNode): void {
  span.describes = node;
  node.sdk = span;
}
