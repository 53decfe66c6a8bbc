import { bestServer, CLOCK_STEP, describesServer } from '../correlate/join/server-span.ts';
import { isIncoming } from '../correlate/kind.ts';
import type { ExchangeNode, SdkNode } from '../correlate/node.ts';
import type { Process } from '../receiver/ebpf/exchange.ts';
import type { Decided } from './decided.ts';

/** Kept of each process until they are looked through; then the older half of what is left goes. */
const MAX_KEPT = 512;
const MAX_PROCESSES = 256;

interface Kept {
  requests: ExchangeNode[];
  roots: SdkNode[];
}

/** What was found to belong together: a request with a context, and a span that begins another trace. */
type OnMatch = (request: ExchangeNode, span: SdkNode) => void;

/**
 * Requests that came with a context and SERVER spans without parent: where one fits the other, the SDK has ignored the
 * context. The merge ties those it is sure of. What it leaves over goes at different times, and is gathered and looked
 * through together.
 */
export class Strays {
  readonly #processes = new Map<Process, Kept>();
  readonly #onMatch: OnMatch[] = [];

  matched(listener: OnMatch): void {
    this.#onMatch.push(listener);
  }

  decided({ exchanges, spans }: Decided): void {
    for (const node of exchanges)
      if (node.exchange.side === 'server' && typeof node.context !== 'string' && !node.sdk) {
        const kept = this.#kept(node.exchange.process);
        kept.requests.push(node);
        this.#makeRoom(kept);
      }
    for (const span of spans) {
      if (!isIncoming(span.kind) || span.parentSpanId !== '') continue;
      const request = span.describes ?? span.linkedTo;
      if (request === undefined) this.#root(span);
      else if (typeof request.context !== 'string') this.#found(request, span);
    }
  }

  /** Looks through what has been gathered. */
  settle(): void {
    for (const kept of this.#processes.values()) this.#match(kept);
  }

  #root(span: SdkNode): void {
    if (!span.process || (span.content.peerPort === undefined && span.content.path === undefined)) return;
    const kept = this.#kept(span.process);
    kept.roots.push(span);
    this.#makeRoom(kept);
  }

  #makeRoom(kept: Kept): void {
    if (kept.requests.length + kept.roots.length < MAX_KEPT) return;
    this.#match(kept);
    kept.requests = kept.requests.slice(-MAX_KEPT / 4);
    kept.roots = kept.roots.slice(-MAX_KEPT / 4);
  }

  #match(kept: Kept): void {
    const requests = new Set(kept.requests.filter((node) => !node.sdk));
    const roots = new Set(kept.roots);
    for (const span of [...roots].sort((a, b) => a.start - b.start)) {
      const request = bestServer(
        span,
        [...requests].filter((node) => describesServer(span, node, CLOCK_STEP)),
      );
      if (request === undefined) continue;
      requests.delete(request);
      roots.delete(span);
      this.#found(request, span);
    }
    kept.requests = [...requests];
    kept.roots = [...roots];
  }

  #found(request: ExchangeNode, span: SdkNode): void {
    for (const listener of this.#onMatch) listener(request, span);
  }

  #kept(process: Process): Kept {
    let kept = this.#processes.get(process);
    if (!kept) {
      kept = { requests: [], roots: [] };
      this.#processes.set(process, kept);
      if (this.#processes.size > MAX_PROCESSES)
        this.#processes.delete(this.#processes.keys().next().value as Process);
    }
    return kept;
  }
}
