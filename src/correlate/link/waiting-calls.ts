import type { ExecutionContext, Process } from '../../receiver/ebpf/exchange.ts';
import type { ExchangeNode } from '../node.ts';
import { lineage } from './context-families.ts';

/** Past this many the oldest are let go of: nothing told whose they are. */
const LIMIT = 16_384;

/** Calls of which no context was known to serve a request, found again by any context they come from. */
export class WaitingCalls {
  readonly #contexts = new Map<ExchangeNode, ExecutionContext>();
  readonly #byContext = new Map<ExecutionContext, Set<ExchangeNode>>();

  add(client: ExchangeNode, context: ExecutionContext): void {
    this.#contexts.set(client, context);
    for (const ancestor of lineage(context)) {
      if (ancestor.since === undefined) break;
      const calls = this.#byContext.get(ancestor);
      if (calls) calls.add(client);
      else this.#byContext.set(ancestor, new Set([client]));
    }
    if (this.#contexts.size > LIMIT) this.delete(this.#contexts.keys().next().value!);
  }

  /** The context in which this one was made; undefined where it does not wait. */
  contextOf(client: ExchangeNode): ExecutionContext | undefined {
    return this.#contexts.get(client);
  }

  delete(client: ExchangeNode): void {
    const context = this.#contexts.get(client);
    if (!context) return;
    this.#contexts.delete(client);
    for (const ancestor of lineage(context)) {
      const calls = this.#byContext.get(ancestor);
      if (calls?.delete(client) && calls.size === 0) this.#byContext.delete(ancestor);
    }
  }

  /** Those that come from this context or from what it comes from. */
  near(context: ExecutionContext): ExchangeNode[] {
    const found = new Set<ExchangeNode>();
    for (const ancestor of lineage(context))
      for (const client of this.#byContext.get(ancestor) ?? []) found.add(client);
    return [...found];
  }

  exited(process: Process): void {
    for (const [client, context] of this.#contexts) if (context.process === process) this.delete(client);
  }
}
