import type { Activity, Process } from '../../receiver/ebpf/exchange.ts';
import type { ExchangeNode } from '../node.ts';

const NONE: readonly ExchangeNode[] = [];

/** The open server exchanges of each process, by something their requests carry. */
export class OpenRequests {
  readonly #byProcess = new Map<Process, Map<string, ExchangeNode[]>>();
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

  with(process: Process, key: string): readonly ExchangeNode[] {
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
      if (nodes) nodes.push(node);
      else open.set(key, [node]);
    }
  }

  #remove(node: ExchangeNode): void {
    const open = this.#byProcess.get(node.exchange.process);
    if (!open) return;
    for (const key of this.#keys(node)) {
      const left = open.get(key)?.filter((other) => other !== node);
      if (left === undefined || left.length === 0) open.delete(key);
      else open.set(key, left);
    }
  }
}
