import type { ExchangeNode } from '../correlate/node.ts';
import type { Activity, Process } from '../receiver/ebpf/exchange.ts';

/** What a process was doing when it made a call. */
export type Meanwhile =
  /** No request was open that it had read. */
  | 'nothing'
  /** At least one was. */
  | 'serving'
  /** At least one was, and each had come with a trace context: whichever caused the call had one. */
  | 'serving_traced';

interface Open {
  requests: number;
  traced: number;
}

/** How many requests each process has open, and what that was when a call was made. */
export class Serving {
  readonly #open = new Map<Process, Open>();
  readonly #counted = new WeakSet<ExchangeNode>();
  readonly #meanwhile = new WeakMap<ExchangeNode, Meanwhile>();

  /** What the caller was doing when it wrote this call. */
  when(call: ExchangeNode): Meanwhile {
    return this.#meanwhile.get(call) ?? 'nothing';
  }

  observe(activity: Activity, node: ExchangeNode | undefined): void {
    if (activity.type === 'process_exit') this.#open.delete(activity.process);
    if (node === undefined) return;
    if (node.exchange.side === 'client') {
      if (activity.type === 'request') this.#meanwhile.set(node, this.#now(node.exchange.process));
    } else if (activity.type === 'request') this.#begin(node);
    else if (activity.type === 'end' || activity.type === 'discard') this.#end(node);
  }

  #now(process: Process): Meanwhile {
    const open = this.#open.get(process);
    if (open === undefined || open.requests === 0) return 'nothing';
    return open.traced === open.requests ? 'serving_traced' : 'serving';
  }

  #begin(node: ExchangeNode): void {
    const { process } = node.exchange;
    let open = this.#open.get(process);
    if (!open) {
      open = { requests: 0, traced: 0 };
      this.#open.set(process, open);
    }
    open.requests++;
    if (typeof node.context !== 'string') open.traced++;
    this.#counted.add(node);
  }

  #end(node: ExchangeNode): void {
    const open = this.#open.get(node.exchange.process);
    if (!this.#counted.delete(node) || !open) return;
    open.requests--;
    if (typeof node.context !== 'string') open.traced--;
  }
}
