import type { Nanos } from '../../collector/clock.ts';
import type { Activity, Process, Thread } from '../../receiver/ebpf/exchange.ts';
import type { ExchangeNode } from '../node.ts';
import type { ActiveRequests } from './active-requests.ts';
import { Jobs } from './jobs.ts';
import type { LinkRule, LinkSink, Verdict } from './rule.ts';
import type { Silence } from './silence.ts';
import { Tally } from './tally.ts';
import type { Trust } from './trust.ts';
import { wokenRequest } from './wakes.ts';

/** A link is believed where it is wrong less often than this. */
const TOLERATED = 1 / 2000;

/** Calls between two wakes of one worker; past this many, only the last is told apart. */
const MAX_CALLS = 256;

/** What a worker did since it last woke the thread of a request, or answered one. */
interface Work {
  readonly since: Nanos | undefined;
  readonly calls: ExchangeNode[];
  /** The requests whose threads it woke since the last of these calls. */
  readonly woken: Set<ExchangeNode>;
  /** No other request was open in the process meanwhile. */
  alone: boolean;
}

/** What the wakes of one process were like. */
class Wakes {
  /** How many requests' threads were woken after a call. */
  readonly tally = new Tally<'one' | 'several' | 'none'>();
  readonly jobs = new Jobs();

  get strayed(): boolean {
    return this.tally.count('several') > 0;
  }

  /** @param unseen how likely it is that the wake that counts was not seen */
  mislead(unseen: number): number {
    return this.tally.likelihood('several', 'one') * unseen;
  }

  get unseen(): number {
    return this.tally.likelihood('none', 'one', 'several');
  }
}

/**
 * Thread pools whose request threads wait for the result (`submit(call).get()`, `future.result()`): a worker that has
 * had the answer to a call wakes the thread of the request that waited for it.
 *
 * A worker wakes for other reasons too: locks, connections given back, a job without a call that came after. Such a wake
 * misleads only where it is seen and the one that counts is not. How often wakes of several requests follow a call, and
 * how often none, is counted for each process; a link is believed while the product of the two is small, or where the
 * process has only one request open and has shown no second wake yet. The calls before the last may have been made for
 * others, that did not have to be woken: what `Jobs` says is asked of them too.
 */
export class CompletionWake implements LinkRule {
  readonly evidence = 'completion_wake';
  readonly #work = new WeakMap<Thread, Work>();
  readonly #wakes = new WeakMap<Process, Wakes>();
  readonly #active: ActiveRequests;
  readonly #trust: Trust;
  readonly #sink: LinkSink;

  constructor(active: ActiveRequests, trust: Trust, sink: LinkSink) {
    this.#active = active;
    this.#trust = trust;
    this.#sink = sink;
  }

  observe(activity: Activity, node: ExchangeNode | undefined): void {
    switch (activity.type) {
      case 'wake':
        this.#woke(activity);
        return;
      case 'thread_exit':
        this.#handOver(activity.thread, activity.at);
        return;
      case 'request':
        if (node) this.#calls(activity.thread, activity.at);
        return;
      case 'response':
      case 'end':
        if (!node || !activity.thread) return;
        if (node.exchange.side === 'server') this.#answered(activity.thread, activity.at);
        else if (activity.type === 'end') this.#hadAnswer(node, activity.thread);
    }
  }

  /** What it has to say it says through the sink, when the worker goes on to the next call. */
  cause(): Verdict {
    return undefined;
  }

  silence(_client: ExchangeNode, thread: Thread): Silence {
    if (!this.#trust.allowed(thread.process, 'completion_wake')) return 'runtime_schedules';
    if (this.#active.interleaves(thread.process)) return 'interleaves';
    return this.#active.readsRequests(thread) ? 'no_worker' : 'decides_at_end_of_job';
  }

  settle(client: ExchangeNode): void {
    const { thread } = client.exchange;
    if (this.#work.get(thread)?.calls.includes(client)) this.#handOver(thread, client.start);
  }

  #woke(activity: Activity & { type: 'wake' }): void {
    const work = this.#work.get(activity.thread);
    const request = work && work.calls.length > 0 ? wokenRequest(activity, this.#active) : undefined;
    if (!request) return;
    work!.woken.add(request);
    work!.alone = this.#active.alone(activity.thread.process, work!.calls[0]!.start);
  }

  /** The worker goes on to another call: of the same job, if nobody was woken. */
  #calls(thread: Thread, at: Nanos): void {
    const work = this.#work.get(thread);
    if (!work || work.calls.length === 0) return;
    if (work.woken.size === 0) this.#wakesOf(thread.process).tally.add('none');
    else this.#handOver(thread, at);
  }

  #hadAnswer(call: ExchangeNode, thread: Thread): void {
    const { process } = thread;
    if (call.exchange.thread !== thread || !this.#trust.allowed(process, 'completion_wake')) return;
    if (this.#active.readsRequests(thread) || this.#active.interleaves(process)) return;
    const work = this.#work.get(thread) ?? this.#begin(thread, undefined);
    if (work.calls.length === MAX_CALLS) work.calls.shift();
    work.calls.push(call);
  }

  /** The worker answered a request itself: if it woke others as well, wakes have other reasons here. */
  #answered(thread: Thread, at: Nanos): void {
    const work = this.#work.get(thread);
    if (!work) return;
    this.#begin(thread, at);
    if (work.woken.size === 0) return;
    this.#wakesOf(thread.process).tally.add('several');
    this.#severalFor(work);
  }

  #handOver(thread: Thread, at: Nanos): void {
    const work = this.#work.get(thread);
    const [request] = (work?.woken ?? []) as Iterable<ExchangeNode>;
    if (!work || !request) return;
    this.#begin(thread, at);
    const { calls, woken, alone } = work;
    const wakes = this.#wakesOf(thread.process);
    const last = calls.at(-1)!;
    // A request that had not been read yet when the call was made did not cause it: it waited for something else.
    if (woken.size > 1 || request.start > last.start) {
      wakes.tally.add('several');
      this.#severalFor(work);
      return;
    }
    wakes.tally.add('one');
    const credit = wakes.jobs.ended(request, work);
    const first = () => alone && !wakes.strayed;
    const whole = () => credit.believed() && wakes.mislead(credit.unseenEnd()) < TOLERATED;
    for (const call of calls) {
      if (call === last)
        this.#link(call, request, () => first() || whole() || wakes.mislead(wakes.unseen) < TOLERATED);
      else if (credit.possible)
        this.#link(
          call,
          request,
          () => (first() && wakes.jobs.neverImpossible && credit.steady()) || whole(),
        );
    }
  }

  #severalFor({ calls, woken }: Work): void {
    for (const call of calls) this.#sink.ambiguous(call, [...woken], 'completion_wake', 'several_candidates');
  }

  #link(call: ExchangeNode, request: ExchangeNode, believed: () => boolean): void {
    this.#sink.linked(call, request, 'completion_wake', believed);
  }

  #begin(thread: Thread, since: Nanos | undefined): Work {
    const work: Work = { since, calls: [], woken: new Set(), alone: false };
    this.#work.set(thread, work);
    return work;
  }

  #wakesOf(process: Process): Wakes {
    let wakes = this.#wakes.get(process);
    if (!wakes) {
      wakes = new Wakes();
      this.#wakes.set(process, wakes);
    }
    return wakes;
  }
}
