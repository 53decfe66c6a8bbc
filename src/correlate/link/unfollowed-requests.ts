import type { Activity, Process, Thread } from '../../receiver/ebpf/exchange.ts';
import type { ExchangeNode } from '../node.ts';

/**
 * Requests that were under way when the capture began, as far as they show: a part of one was read, and nothing has been
 * written on its connection since. What is done meanwhile may be done for them.
 */
export class UnfollowedRequests {
  /** Who read, by the socket's cookie. */
  readonly #readers = new Map<number, Thread>();

  observe(activity: Activity, node: ExchangeNode | undefined): void {
    switch (activity.type) {
      case 'unfollowed':
        if (activity.side === 'client') return;
        if (activity.direction === 'receive') this.#readers.set(activity.socket.cookie, activity.thread);
        else this.#readers.delete(activity.socket.cookie);
        return;
      case 'request':
        if (this.#readers.size > 0 && node) this.#readers.delete(node.exchange.connection.socket.cookie);
        return;
      case 'connection':
        if (activity.state === 'closed') this.#readers.delete(activity.socket.cookie);
        return;
      case 'unread':
        this.#readers.delete(activity.socket.cookie);
        return;
      case 'process_exit':
        for (const [cookie, { process }] of this.#readers)
          if (process === activity.process) this.#readers.delete(cookie);
    }
  }

  on(thread: Thread): boolean {
    return this.#some((reader) => reader === thread);
  }

  in(process: Process): boolean {
    return this.#some((reader) => reader.process === process);
  }

  #some(is: (reader: Thread) => boolean): boolean {
    for (const reader of this.#readers.values()) if (is(reader)) return true;
    return false;
  }
}
