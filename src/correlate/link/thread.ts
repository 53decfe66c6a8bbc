import type { Activity, Connection, Process, Thread } from '../../receiver/ebpf/exchange.ts';
import type { ExchangeNode } from '../node.ts';
import type { LinkRule, Verdict } from './rule.ts';
import type { Silence } from './silence.ts';
import type { Trust } from './trust.ts';

/**
 * The call was written by a thread on which exactly one server exchange is active, from the read of its request until
 * its response is written. The first call does not use it up: a fan-out links every call.
 *
 * A thread that takes up a request of one connection while another's is unanswered interleaves; its process then is no
 * thread-per-request server, and this rule says nothing about it any more.
 */
export class ThreadRule implements LinkRule {
  readonly evidence = 'thread';
  /** For each thread the unanswered exchanges of each connection, in the order they were read. */
  readonly #active = new Map<Thread, Map<Connection, ExchangeNode[]>>();
  readonly #readOn = new Map<ExchangeNode, Thread>();
  readonly #interleaves = new WeakSet<Process>();
  readonly #trust: Trust;

  constructor(trust: Trust) {
    this.#trust = trust;
  }

  observe(activity: Activity, node: ExchangeNode | undefined): void {
    switch (activity.type) {
      case 'request':
        if (node?.exchange.side === 'server') this.#begin(node, activity.thread);
        return;
      case 'end':
      case 'discard':
        if (node?.exchange.side === 'server') this.#end(node);
        return;
      case 'thread_exit':
        this.#forget(activity.thread);
        return;
      case 'process_exit':
        for (const thread of [...this.#active.keys()])
          if (thread.process === activity.process) this.#forget(thread);
    }
  }

  cause(client: ExchangeNode, thread: Thread): Verdict {
    const { process } = thread;
    if (this.#interleaves.has(process) || !this.#trust.allowed(process, 'thread')) return undefined;
    const connections = this.#active.get(thread);
    if (connections === undefined || connections.size !== 1) return undefined;
    // Requests that came in together on one connection are answered in order: the first is the one at work.
    const [[active] = []] = connections.values();
    return active && active !== client ? { cause: active } : undefined;
  }

  silence(_client: ExchangeNode, { process }: Thread): Silence {
    if (!this.#trust.allowed(process, 'thread')) return 'runtime_schedules';
    return this.#interleaves.has(process) ? 'interleaves' : 'idle_thread';
  }

  #begin(node: ExchangeNode, thread: Thread): void {
    let connections = this.#active.get(thread);
    if (!connections) {
      connections = new Map();
      this.#active.set(thread, connections);
    }
    const { connection } = node.exchange;
    const nodes = connections.get(connection);
    if (nodes) nodes.push(node);
    else connections.set(connection, [node]);
    if (connections.size > 1) this.#interleaves.add(thread.process);
    this.#readOn.set(node, thread);
  }

  #end(node: ExchangeNode): void {
    const thread = this.#readOn.get(node);
    if (!thread) return;
    this.#readOn.delete(node);
    const connections = this.#active.get(thread);
    const { connection } = node.exchange;
    const left = connections?.get(connection)?.filter((other) => other !== node);
    if (left === undefined) return;
    if (left.length > 0) connections!.set(connection, left);
    else connections!.delete(connection);
    if (connections!.size === 0) this.#active.delete(thread);
  }

  #forget(thread: Thread): void {
    for (const nodes of this.#active.get(thread)?.values() ?? [])
      for (const node of nodes) this.#readOn.delete(node);
    this.#active.delete(thread);
  }
}
