import type { Activity, Process } from '../../receiver/ebpf/exchange.ts';
import { Groups } from '../groups.ts';
import type { ExchangeNode } from '../node.ts';
import type { Verdict } from './rule.ts';

type Open = Groups<string, ExchangeNode>;

const NONE: Open = new Groups();

/** The open server exchanges of each process, by something their requests carry. */
export class OpenRequests {
  readonly #byProcess = new Map<Process, Open>();
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

  /** Those that carry this; none if there are more than `most`. */
  few(process: Process, key: string, most: number): readonly ExchangeNode[] {
    const open = this.#open(process);
    return open.count(key) > most ? [] : [...open.of(key)];
  }

  /** The one request that carries this, or those that do. */
  verdict(process: Process, key: string): Verdict {
    const open = this.#open(process);
    const cause = open.first(key);
    if (cause === undefined) return undefined;
    return open.count(key) === 1 ? { cause } : { ambiguous: [...open.of(key)] };
  }

  #open(process: Process): Open {
    return this.#byProcess.get(process) ?? NONE;
  }

  #add(node: ExchangeNode): void {
    const keys = this.#keys(node);
    if (keys.length === 0) return;
    const { process } = node.exchange;
    let open = this.#byProcess.get(process);
    if (!open) {
      open = new Groups();
      this.#byProcess.set(process, open);
    }
    for (const key of keys) open.add(key, node);
  }

  #remove(node: ExchangeNode): void {
    const open = this.#byProcess.get(node.exchange.process);
    if (open) for (const key of this.#keys(node)) open.delete(key, node);
  }
}
