import type { Nanos } from '../../collector/clock.ts';
import type { Activity, Process, Thread } from '../../receiver/ebpf/exchange.ts';
import type { ExchangeNode } from '../node.ts';
import type { ActiveRequests } from './active-requests.ts';
import { Jobs } from './jobs.ts';
import type { LinkRule, LinkSink, Verdict } from './rule.ts';
import type { Silence } from './silence.ts';
import type { PerThread, ThreadNotes } from './thread-notes.ts';
import type { Trust } from './trust.ts';
import { wokenRequest } from './wakes.ts';

/** Calls between two responses of one worker; past this many, none is told apart. */
const MAX_CALLS = 256;

/** What a worker did since it last answered a request, or handed a result to the thread of one. */
interface Work {
  readonly since: Nanos | undefined;
  readonly calls: ExchangeNode[];
}

/**
 * Thread pools whose workers answer themselves, and servers that read on one thread and handle on another: what a worker
 * called out for since its last response was for the request that it answers. `Jobs` tells where that is not so.
 *
 * Workers may read some of the requests themselves (Puma's do, unless the request is slow to come). Those are `thread`'s
 * to link, and show like all others how the process works.
 */
export class ResponseWriter implements LinkRule {
  readonly evidence = 'response_writer';
  readonly #work: PerThread<Work>;
  readonly #jobs = new WeakMap<Process, Jobs>();
  readonly #active: ActiveRequests;
  readonly #trust: Trust;
  readonly #sink: LinkSink;

  constructor(threads: ThreadNotes, active: ActiveRequests, trust: Trust, sink: LinkSink) {
    this.#work = threads.place();
    this.#active = active;
    this.#trust = trust;
    this.#sink = sink;
  }

  observe(activity: Activity, node: ExchangeNode | undefined): void {
    switch (activity.type) {
      case 'wake':
        if (this.#handsResult(activity)) this.#begin(activity.thread, activity.at);
        return;
      case 'request':
        if (node?.exchange.side === 'client') this.#called(node, activity.thread);
        return;
      case 'response':
        if (activity.exchange.side !== 'server') return;
        if (node === undefined) {
          // A request that is followed no more: what was called before may have been for it.
          this.#begin(activity.thread, activity.at);
          return;
        }
        node.writer = activity.thread;
        this.#answered(node, activity.thread, activity.at);
        return;
      case 'end':
        if (!node || !activity.thread) return;
        if (node.exchange.side === 'client') {
          if (activity.thread === node.exchange.thread) node.blocking = true;
        } else if (node.writer === activity.thread && this.#hasCalled(activity.thread))
          this.#answered(node, activity.thread, activity.at);
    }
  }

  /** What it has to say it says through the sink, when the response is written. */
  cause(): Verdict {
    return undefined;
  }

  silence(_client: ExchangeNode, thread: Thread): Silence {
    if (!this.#trust.allowed(thread.process, 'response_writer')) return 'runtime_schedules';
    return this.#isWorker(thread) && !this.#active.busy(thread) ? 'decides_at_end_of_job' : 'no_worker';
  }

  #begin(thread: Thread, since: Nanos): Work {
    const work = this.#work.get(thread) ?? { since: undefined, calls: [] };
    this.#work.set(thread, { since, calls: [] });
    return work;
  }

  #handsResult(wake: Activity & { type: 'wake' }): boolean {
    const { thread } = wake;
    if (!this.#trust.allowed(thread.process, 'completion_wake') || this.#active.busy(thread)) return false;
    return wokenRequest(wake, this.#active) !== undefined;
  }

  #isWorker(thread: Thread): boolean {
    if (!this.#trust.allowed(thread.process, 'response_writer')) return false;
    return !this.#active.readsRequests(thread) || !this.#active.shares(thread);
  }

  #called(client: ExchangeNode, thread: Thread): void {
    if (!this.#trust.allowed(thread.process, 'response_writer')) return;
    const work = this.#work.get(thread);
    if (!work) this.#work.set(thread, { since: undefined, calls: [client] });
    else if (work.calls.length <= MAX_CALLS) work.calls.push(client);
  }

  #hasCalled(thread: Thread): boolean {
    return (this.#work.get(thread)?.calls.length ?? 0) > 0;
  }

  #answered(request: ExchangeNode, thread: Thread, at: Nanos): void {
    const work = this.#begin(thread, at);
    if (!this.#isWorker(thread)) return;
    const { process } = thread;
    const jobs = this.#jobsOf(process);
    const { possible, believed } = jobs.ended(request, work);
    const blocking = work.calls.length <= MAX_CALLS && work.calls.every((call) => call.blocking);
    if (!possible || !blocking || this.#active.busy(thread)) return;
    for (const call of work.calls) {
      const alone = this.#active.alone(process, call.start);
      this.#sink.linked(
        call,
        request,
        'response_writer',
        () => (alone && jobs.neverImpossible) || believed(),
      );
    }
  }

  #jobsOf(process: Process): Jobs {
    let jobs = this.#jobs.get(process);
    if (!jobs) {
      jobs = new Jobs();
      this.#jobs.set(process, jobs);
    }
    return jobs;
  }
}
