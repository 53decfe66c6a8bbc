import type { Activity, Process } from '../../receiver/ebpf/exchange.ts';
import type { ExchangeNode } from '../node.ts';

/**
 * Which calls were made by a task or a callback of an event loop in CPython: there the order of things on a thread tells
 * nothing, and the contexts tell. A process that copies contexts runs a loop; its threads without one run in no context.
 */
export class PythonLoops {
  readonly #copyContexts = new WeakSet<Process>();

  observe(activity: Activity): void {
    if (activity.type !== 'context') return;
    const { process } = activity.context;
    if (process.facts.runtime === 'python') this.#copyContexts.add(process);
  }

  ran({ exchange }: ExchangeNode): boolean {
    return exchange.context !== undefined && this.#copyContexts.has(exchange.process);
  }
}
