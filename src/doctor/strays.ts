import { CLOCK_STEP, describesServer } from '../correlate/join/server-span.ts';
import { isIncoming } from '../correlate/kind.ts';
import type { ExchangeNode, SdkNode } from '../correlate/node.ts';
import type { Process } from '../receiver/ebpf/exchange.ts';
import type { Decided } from './decided.ts';

/** Kept of each process; the oldest go. */
const MAX_KEPT = 256;
const MAX_PROCESSES = 256;

interface Kept {
  readonly requests: Set<ExchangeNode>;
  readonly roots: Set<SdkNode>;
}

/** What was found to belong together although the merge could not know: a request with a context, and a span that begins
 * another trace. */
type OnMatch = (request: ExchangeNode, span: SdkNode) => void;

/**
 * Requests that came with a context and that no SDK span describes, and SERVER spans without parent that describe no
 * exchange: where exactly one fits the other, the SDK has ignored the context.
 */
export class Strays {
  readonly #processes = new Map<Process, Kept>();
  readonly #onMatch: OnMatch[] = [];

  matched(listener: OnMatch): void {
    this.#onMatch.push(listener);
  }

  decided({ exchanges, spans }: Decided): void {
    for (const node of exchanges)
      if (node.exchange.side === 'server' && typeof node.context !== 'string' && !node.sdk)
        this.#request(node);
    for (const span of spans)
      if (isIncoming(span.kind) && span.parentSpanId === '' && !span.describes && !span.linkedTo)
        this.#root(span);
  }

  #request(node: ExchangeNode): void {
    const kept = this.#kept(node.exchange.process);
    const fitting = [...kept.roots].filter((span) => fits(span, node));
    if (fitting.length === 1) this.#match(kept, node, fitting[0]!);
    else keep(kept.requests, node);
  }

  #root(span: SdkNode): void {
    if (!span.process || (span.content.peerPort === undefined && span.content.path === undefined)) return;
    const kept = this.#kept(span.process);
    const fitting = [...kept.requests].filter((node) => fits(span, node));
    if (fitting.length === 1) this.#match(kept, fitting[0]!, span);
    else keep(kept.roots, span);
  }

  #match(kept: Kept, node: ExchangeNode, span: SdkNode): void {
    kept.requests.delete(node);
    kept.roots.delete(span);
    for (const listener of this.#onMatch) listener(node, span);
  }

  #kept(process: Process): Kept {
    let kept = this.#processes.get(process);
    if (!kept) {
      kept = { requests: new Set(), roots: new Set() };
      this.#processes.set(process, kept);
      if (this.#processes.size > MAX_PROCESSES)
        this.#processes.delete(this.#processes.keys().next().value as Process);
    }
    return kept;
  }
}

function fits(span: SdkNode, node: ExchangeNode): boolean {
  return describesServer(span, node, CLOCK_STEP);
}

function keep<T>(kept: Set<T>, node: T): void {
  kept.add(node);
  if (kept.size > MAX_KEPT) kept.delete(kept.values().next().value as T);
}
