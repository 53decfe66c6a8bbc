import type { ExecutionContext, Process } from '../../receiver/ebpf/exchange.ts';
import type { ExchangeNode } from '../node.ts';

/** Past this many the oldest are let go of. */
const LIMIT = 65_536;

/** A call that is linked only when it is clear what made it. */
export interface PendingCall {
  readonly client: ExchangeNode;
  readonly context: ExecutionContext;
  readonly cause: ExchangeNode;
}

interface Placed {
  readonly call: PendingCall;
  readonly at: ExecutionContext;
}

/** Calls that wait for what becomes of an execution context. */
export class PendingCalls {
  readonly #calls = new Map<ExchangeNode, Placed>();
  readonly #waiting = new Map<ExecutionContext, Set<PendingCall>>();

  has(client: ExchangeNode): boolean {
    return this.#calls.has(client);
  }

  add(call: PendingCall, at: ExecutionContext): void {
    this.#calls.set(call.client, { call, at });
    let waiting = this.#waiting.get(at);
    if (!waiting) {
      waiting = new Set();
      this.#waiting.set(at, waiting);
    }
    waiting.add(call);
    if (this.#calls.size > LIMIT) this.take(this.#calls.keys().next().value!);
  }

  take(client: ExchangeNode): PendingCall | undefined {
    const placed = this.#calls.get(client);
    if (!placed) return undefined;
    this.#calls.delete(client);
    const waiting = this.#waiting.get(placed.at);
    waiting?.delete(placed.call);
    if (waiting?.size === 0) this.#waiting.delete(placed.at);
    return placed.call;
  }

  /** All that wait for this one. */
  takeAt(context: ExecutionContext): readonly PendingCall[] {
    const calls = [...(this.#waiting.get(context) ?? [])];
    this.#waiting.delete(context);
    for (const { client } of calls) this.#calls.delete(client);
    return calls;
  }

  forget(process: Process): void {
    for (const context of [...this.#waiting.keys()]) if (context.process === process) this.takeAt(context);
  }
}
