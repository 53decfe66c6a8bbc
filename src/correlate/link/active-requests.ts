import type { Nanos } from '../../collector/clock.ts';
import type { Activity, Connection, Process, Thread } from '../../receiver/ebpf/exchange.ts';
import { Groups } from '../groups.ts';
import type { ExchangeNode } from '../node.ts';
import { ReadersOnly } from './readers-only.ts';
import type { PerThread, ThreadNotes } from './thread-notes.ts';
import { UnfollowedRequests } from './unfollowed-requests.ts';

/** How many requests a process has open, and when it last had more than one. */
interface Load {
  open: number;
  sharedAt: Nanos;
}

/** The requests at work on each thread: from their read until their response is written. All rules look at the same. */
export class ActiveRequests {
  /** The unanswered exchange of each thread, or those of each connection where there are several. */
  readonly #threads: PerThread<ExchangeNode | Groups<Connection, ExchangeNode>>;
  readonly #readers: PerThread<true>;
  readonly #interleaving = new WeakSet<Process>();
  readonly #readersOnly: ReadersOnly;
  readonly #loads = new WeakMap<Process, Load>();
  readonly #unfollowed = new UnfollowedRequests();

  constructor(threads: ThreadNotes) {
    this.#threads = threads.place();
    this.#readers = threads.place();
    this.#readersOnly = new ReadersOnly(threads);
  }

  observe(activity: Activity, node: ExchangeNode | undefined): void {
    this.#unfollowed.observe(activity, node);
    switch (activity.type) {
      case 'request':
        if (node?.exchange.side === 'server') this.#begin(node, activity);
        else if (node) this.#readersOnly.works(activity.thread);
        return;
      case 'response':
        if (node?.exchange.side !== 'server') return;
        this.#readersOnly.answers(activity.thread, node.exchange.thread);
        this.#endHidden(node, activity.at);
        return;
      case 'transfer':
        if (node && activity.direction === 'send') this.#endHidden(node, activity.at);
        return;
      case 'unfollowed':
        if (activity.direction === 'send') this.#readersOnly.works(activity.thread);
        else if (activity.side === 'server') this.#readers.set(activity.thread, true);
        return;
      case 'end':
      case 'discard':
        if (node?.active) this.#end(node, activity.at);
        return;
      case 'thread_exit':
        this.#threads.delete(activity.thread);
    }
  }

  /** The one request at work on the thread: of those that came in together on one connection, the first. */
  only(thread: Thread): ExchangeNode | undefined {
    const active = this.#threads.get(thread);
    if (active === undefined || this.#unfollowed.on(thread)) return undefined;
    if (!(active instanceof Groups)) return active;
    if (active.size !== 1) return undefined;
    const [connection] = active.keys();
    return active.first(connection!);
  }

  /** A request is at work on the thread. */
  busy(thread: Thread): boolean {
    return this.#threads.has(thread);
  }

  /** Some of the process's requests began before the capture: what they ask for is not known. */
  hasUnfollowed(process: Process): boolean {
    return this.#unfollowed.in(process);
  }

  /** The thread has read requests: it is no worker that is only handed work. */
  readsRequests(thread: Thread): boolean {
    return this.#readers.has(thread);
  }

  /** A thread of the process took up a request of one connection while another's was unanswered. */
  interleaves(process: Process): boolean {
    return this.#interleaving.has(process);
  }

  /** What is active on the thread need not be its work: it takes up several at a time, or its process works that way. */
  shares(thread: Thread): boolean {
    return this.#readersOnly.shares(thread);
  }

  /** The process has had one request open and no other since then. */
  alone(process: Process, since: Nanos): boolean {
    const load = this.#loads.get(process);
    return load?.open === 1 && load.sharedAt < since;
  }

  #begin(node: ExchangeNode, { thread, at }: Activity & { type: 'request' }): void {
    this.#readers.set(thread, true);
    node.active = true;
    this.#load(thread.process, 1, at);
    const active = this.#threads.get(thread);
    if (!active) {
      this.#threads.set(thread, node);
      return;
    }
    const connections = active instanceof Groups ? active : this.#several(thread, active);
    connections.add(node.exchange.connection, node);
    if (connections.size > 1) {
      this.#interleaving.add(thread.process);
      this.#readersOnly.interleaves(thread);
    }
  }

  /** Where a response ends that was written in many pieces shows late: its thread may be at something else by then. */
  #endHidden(node: ExchangeNode, at: Nanos): void {
    if (node.active && node.exchange.response?.cut) this.#end(node, at);
  }

  #several(thread: Thread, node: ExchangeNode): Groups<Connection, ExchangeNode> {
    const connections = new Groups<Connection, ExchangeNode>();
    connections.add(node.exchange.connection, node);
    this.#threads.set(thread, connections);
    return connections;
  }

  #end(node: ExchangeNode, at: Nanos): void {
    const { thread, connection, process } = node.exchange;
    node.active = false;
    this.#load(process, -1, at);
    const active = this.#threads.get(thread);
    if (active instanceof Groups) {
      active.delete(connection, node);
      if (active.size > 0) return;
    } else if (active !== node) return;
    this.#threads.delete(thread);
  }

  #load(process: Process, change: 1 | -1, at: Nanos): void {
    const load = this.#loads.get(process);
    if (!load) {
      this.#loads.set(process, { open: 1, sharedAt: Number.NEGATIVE_INFINITY });
      return;
    }
    if (load.open > 1 || load.open + change > 1) load.sharedAt = at;
    load.open += change;
  }
}
