import type { Activity, Process, Thread } from '../../receiver/ebpf/exchange.ts';
import type { ExchangeNode } from '../node.ts';
import { Counts } from './counts.ts';

/**
 * Requests that are under way and not followed, as far as they show: a part of one was read, and nothing has been written on
 * its connection since. What is done meanwhile may be done for them.
 */
export class UnfollowedRequests {
  /** Who read, by the socket's cookie. */
  readonly #readers = new Map<number, Thread>();
  readonly #onThread = new Counts<Thread>();
  readonly #inProcess = new Counts<Process>();

  observe(activity: Activity, node: ExchangeNode | undefined): void {
    switch (activity.type) {
      case 'unfollowed':
        if (activity.side === 'client') return;
        this.#delete(activity.socket.cookie);
        if (activity.direction === 'receive') this.#add(activity.socket.cookie, activity.thread);
        return;
      case 'request':
        if (this.#readers.size > 0 && node) this.#delete(node.exchange.connection.socket.cookie);
        return;
      case 'connection':
        if (activity.state === 'closed') this.#delete(activity.socket.cookie);
        return;
      case 'unread':
        this.#delete(activity.socket.cookie);
        return;
      case 'process_exit':
        if (this.in(activity.process)) this.#exited(activity.process);
    }
  }

  on(thread: Thread): boolean {
    return this.#onThread.has(thread);
  }

  in(process: Process): boolean {
    return this.#inProcess.has(process);
  }

  #add(cookie: number, thread: Thread): void {
    this.#readers.set(cookie, thread);
    this.#onThread.add(thread);
    this.#inProcess.add(thread.process);
  }

  #delete(cookie: number): void {
    const thread = this.#readers.get(cookie);
    if (!thread) return;
    this.#readers.delete(cookie);
    this.#onThread.remove(thread);
    this.#inProcess.remove(thread.process);
  }

  #exited(process: Process): void {
    for (const [cookie, reader] of this.#readers) if (reader.process === process) this.#delete(cookie);
  }
}
