import type { Activity, Process } from '../../receiver/ebpf/exchange.ts';
import type { ExchangeNode } from '../node.ts';

const NONE: ReadonlySet<ExchangeNode> = new Set();

/** The open server exchanges of each process, by something their requests carry. */
export class OpenRequests {
  readonly #byProcess = new Map<Process, Map<string, Set<ExchangeNode>>>();
  readonly #keys: (node: ExchangeNode) => readonly string[];

  constructor(keys: (node: ExchangeNode) => readonly string[]) {
    this.#keys = keys;
  }

  observe(activity: Activity, node: ExchangeNode | undefined): void {
    if (activity.type === 'process_exit') this.#byProcess.delete(activity.process);
    if (node === undefined || node.exchange.side !== 'server') return;
    if (activity.type === 'request') this.#add(node);
    else if (activity.type === 'end' || activity.type === 'discard') this.#remove(node);
  }

  with(process: Process, key: string): ReadonlySet<ExchangeNode> {
    return this.#byProcess.get(process)?.get(key) ?? NONE;
  }

  #add(node: ExchangeNode): void {
    const keys = this.#keys(node);
    if (keys.length === 0) return;
    const { process } = node.exchange;
    let open = this.#byProcess.get(process);
    if (!open) {
      open = new Map();
      this.#byProcess.set(process, open);
    }
    for (const key of keys) {
      const nodes = open.get(key);
      if (nodes) nodes.add(node);
      else open.set(key, new Set([node]));
    }
  }

  #remove(node: ExchangeNode): void {
    const open = this.#byProcess.get(node.exchange.process);
    if (!open) return;
    for (const key of this.#keys(node)) {
      const nodes = open.get(key);
      nodes?.delete(node);
      if (nodes?.size === 0) open.delete(key);
    }
  }
}
