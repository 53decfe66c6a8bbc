import { MILLISECOND, type Nanos } from '../../collector/clock.ts';
import type { Activity, Thread } from '../../receiver/ebpf/exchange.ts';
import type { ExchangeNode } from '../node.ts';
import type { ActiveRequests } from './active-requests.ts';
import type { LinkRule, LinkSink, Verdict } from './rule.ts';
import type { Silence } from './silence.ts';
import type { PerThread, ThreadNotes } from './thread-notes.ts';
import type { Trust } from './trust.ts';

/** Calls of one thread made for a request that are remembered until it ends. */
const MAX_CALLS = 1024;

/** Whoever joins a thread goes on before its end is recorded, by a few microseconds, or until it is scheduled again. */
const JOINED_WITHIN: Nanos = 100 * MILLISECOND;

/** A thread that a request's thread made, and the calls it made since. */
interface Helper {
  readonly cause: ExchangeNode;
  readonly calls: ExchangeNode[];
}

/**
 * The call was written by a thread on which exactly one server exchange is active, from the read of its request until
 * its response is written. The first call does not use it up: a fan-out links every call.
 *
 * A thread that takes up a request of one connection while another's is unanswered interleaves; if it also calls or answers,
 * its process is no thread-per-request server, and this rule says nothing about it any more. If it does neither, it reads for
 * others (Puma's reactor), and only what it read itself is nobody's.
 *
 * A thread made by such a thread works for its request if it ends with it at the latest. That is known only then: the
 * threads of a pool are made by requests as well, and stay.
 */
export class ThreadRule implements LinkRule {
  readonly evidence = 'thread';
  readonly #helpers: PerThread<Helper>;
  readonly #active: ActiveRequests;
  readonly #trust: Trust;
  readonly #sink: LinkSink;

  constructor(threads: ThreadNotes, active: ActiveRequests, trust: Trust, sink: LinkSink) {
    this.#helpers = threads.place();
    this.#active = active;
    this.#trust = trust;
    this.#sink = sink;
  }

  observe(activity: Activity, node: ExchangeNode | undefined): void {
    switch (activity.type) {
      case 'thread_start':
        this.#started(activity.thread, activity.started);
        return;
      case 'thread_exit':
        this.#exited(activity.thread, activity.at);
        return;
      case 'request':
        if (node?.exchange.side === 'server') this.#helpers.delete(activity.thread);
        else if (node) this.#called(node, activity.thread);
    }
  }

  cause(client: ExchangeNode, thread: Thread): Verdict {
    const cause = this.#trusted(thread) ? this.#active.only(thread) : undefined;
    return cause && cause !== client ? { cause } : undefined;
  }

  silence(_client: ExchangeNode, thread: Thread): Silence {
    if (!this.#trust.allowed(thread.process, 'thread')) return 'runtime_schedules';
    return this.#active.shares(thread) ? 'interleaves' : 'idle_thread';
  }

  #trusted(thread: Thread): boolean {
    return !this.#active.shares(thread) && this.#trust.allowed(thread.process, 'thread');
  }

  #started(thread: Thread, started: Thread): void {
    if (!this.#trusted(thread)) return;
    const cause = this.#active.only(thread) ?? this.#helpers.get(thread)?.cause;
    if (cause) this.#helpers.set(started, { cause, calls: [] });
  }

  #called(client: ExchangeNode, thread: Thread): void {
    const helper = this.#helpers.get(thread);
    if (!helper) return;
    if (helper.cause.open && helper.calls.length < MAX_CALLS) helper.calls.push(client);
    else this.#helpers.delete(thread);
  }

  #exited(thread: Thread, at: Nanos): void {
    const helper = this.#helpers.get(thread);
    this.#helpers.delete(thread);
    if (!helper || !this.#trusted(thread)) return;
    const { cause, calls } = helper;
    const answered = cause.open ? at : (cause.exchange.end ?? at);
    if (at > answered + JOINED_WITHIN) return;
    for (const call of calls)
      if (call.open || call.exchange.end! <= answered) this.#sink.linked(call, cause, 'thread', true);
  }
}
