import type { Activity, Exchange, Process, Thread } from '../../src/receiver/ebpf/exchange.ts';

/** A linker to compare with: fed with every activity, it says which request it takes for the cause of each call. */
export interface Baseline {
  readonly links: ReadonlyMap<Exchange, Exchange>;
  observe(activity: Activity): void;
}

/** A request gives its thread an id; the thread's next call takes it and deletes it. */
export class FirstEgress implements Baseline {
  readonly links = new Map<Exchange, Exchange>();
  readonly #ofThread = new Map<Thread, Exchange>();

  observe(activity: Activity): void {
    if (activity.type !== 'request') return;
    const { exchange, thread } = activity;
    if (exchange.side === 'server') {
      this.#ofThread.set(thread, exchange);
      return;
    }
    const cause = this.#ofThread.get(thread);
    this.#ofThread.delete(thread);
    if (cause) this.links.set(exchange, cause);
  }
}

/** The latest started request of the process that is still open. */
export class TimeOnly implements Baseline {
  readonly links = new Map<Exchange, Exchange>();
  /** In the order in which they started. */
  readonly #open = new Map<Process, Exchange[]>();

  observe(activity: Activity): void {
    if (!('exchange' in activity)) return;
    const { exchange } = activity;
    const open = this.#openOf(exchange.process);
    if (exchange.side === 'server') {
      if (activity.type === 'request') open.push(exchange);
      else if (activity.type === 'end' || activity.type === 'discard') {
        const i = open.indexOf(exchange);
        if (i >= 0) open.splice(i, 1);
      }
    } else if (activity.type === 'request') {
      const cause = open.at(-1);
      if (cause) this.links.set(exchange, cause);
    }
  }

  #openOf(process: Process): Exchange[] {
    let open = this.#open.get(process);
    if (!open) {
      open = [];
      this.#open.set(process, open);
    }
    return open;
  }
}
