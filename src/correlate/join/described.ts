import type { Nanos } from '../../collector/clock.ts';
import type { Forest } from '../forest.ts';
import { isIncoming, isOutgoing } from '../kind.ts';
import type { Evidence } from '../link/rule.ts';
import type { ExchangeNode, SdkNode } from '../node.ts';
import { matchCalls } from './call-runs.ts';
import { UnmatchedExchanges } from './unmatched.ts';

/** Which exchanges SDK spans describe where no header says so. */
export class DescribedExchanges {
  readonly #forest: Forest;
  readonly #isOn: boolean;
  readonly #unmatched = new UnmatchedExchanges();
  /** Requests that came with a context, which their SDK may not have read. */
  readonly #named = new UnmatchedExchanges();

  constructor(forest: Forest, evidence: ReadonlySet<Evidence>) {
    this.#forest = forest;
    this.#isOn = evidence.has('sdk_span');
  }

  /** @param isNamed the wire says what trace it belongs to */
  add(node: ExchangeNode, isNamed: boolean): void {
    if (!isNamed) this.#unmatched.add(node);
    else if (node.exchange.side === 'server') this.#named.add(node);
  }

  remove(node: ExchangeNode): void {
    this.#unmatched.remove(node);
    this.#named.remove(node);
  }

  /** Removes it: should its span come yet, that must not be taken for the description of a neighbour. */
  forget(node: ExchangeNode): void {
    this.#unmatched.forget(node);
    this.#named.forget(node);
  }

  /** By how much clocks may differ where a span is matched by time (see `UnmatchedExchanges`). */
  clockStep(span: SdkNode): Nanos {
    return this.#unmatched.clockStep(span);
  }

  /** Spans that no header ties to an exchange look for the one they describe. */
  match(spans: readonly SdkNode[]): void {
    if (!this.#isOn) return;
    const calls: SdkNode[] = [];
    for (const span of spans) {
      if (span.describes || span.frozen) continue;
      if (isOutgoing(span.kind)) calls.push(span);
      else if (isIncoming(span.kind)) {
        const exchange = this.#unmatched.server(span);
        if (exchange) this.#tie(span, exchange);
      }
    }
    for (const [span, exchange] of matchCalls(calls, (call) => this.#unmatched.clients(call)))
      this.#tie(span, exchange);
  }

  /** The same for spans about to leave. An SDK that does not read the format of the context that came in starts a trace of its own. */
  matchLeaving(spans: readonly SdkNode[]): void {
    if (!this.#isOn) return;
    this.match(spans);
    for (const span of spans) {
      if (span.describes || !isIncoming(span.kind) || span.content.peerPort === undefined) continue;
      const exchange = this.#named.server(span);
      if (exchange && !isContinued(exchange)) this.#tie(span, exchange);
    }
  }

  #tie(span: SdkNode, exchange: ExchangeNode): void {
    if (!this.#forest.join(exchange.tree, span.tree)) {
      span.linkedTo = exchange;
      return;
    }
    this.remove(exchange);
    exchange.sdk = span;
    span.describes = exchange;
  }
}

/** A span of the process names the context that came in as its parent. */
function isContinued({ exchange, contextKey, tree }: ExchangeNode): boolean {
  return tree.nodes.some(
    (node) =>
      node.type === 'sdk' &&
      isIncoming(node.kind) &&
      node.process === exchange.process &&
      node.traceId + node.parentSpanId === contextKey,
  );
}
