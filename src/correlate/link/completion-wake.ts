import type { Nanos } from '../../collector/clock.ts';
import type { Activity, Process, Thread } from '../../receiver/ebpf/exchange.ts';
import type { ExchangeNode } from '../node.ts';
import type { ActiveRequests } from './active-requests.ts';
import type { LinkRule, LinkSink, Verdict } from './rule.ts';
import type { Silence } from './silence.ts';
import type { PerThread, ThreadNotes } from './thread-notes.ts';
import type { Trust } from './trust.ts';
import { WakeReasons } from './wake-reasons.ts';
import { wokenRequest } from './wakes.ts';

/** A link is believed where it is wrong less often than this. */
const TOLERATED = 1 / 2000;

/** Calls between two wakes of one worker; past this many, only the last is told apart. */
const MAX_CALLS = 256;

/** What a worker did since it last woke the thread of a request, or answered one. */
interface Work {
  readonly since: Nanos | undefined;
  readonly calls: ExchangeNode[];
  /** The requests whose threads it woke since the last of these calls, in order. */
  readonly woken: Set<ExchangeNode>;
  /** No other request was open in the process meanwhile. */
  alone: boolean;
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
 *
 * A worker may also wake whoever waits for a job when it begins it (Varnish: the request has been copied). Such a wake
 * looks like one of the job before, and shows when the same request is woken first after the next call.
 */
export class CompletionWake implements LinkRule {
  readonly evidence = 'completion_wake';
  readonly #work: PerThread<Work>;
  /** Work before that, until the first wake of the next tells whether its last one was for that. */
  readonly #before: PerThread<Work>;
  readonly #reasons = new WeakMap<Process, WakeReasons>();
  readonly #active: ActiveRequests;
  readonly #trust: Trust;
  readonly #sink: LinkSink;

  constructor(threads: ThreadNotes, active: ActiveRequests, trust: Trust, sink: LinkSink) {
    this.#work = threads.place();
    this.#before = threads.place();
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
        this.#goesOn(activity.thread, activity.at);
        this.#decide(activity.thread);
        return;
      case 'request':
        if (node) this.#goesOn(activity.thread, activity.at);
        return;
      case 'response':
      case 'end':
        if (!activity.thread) return;
        if (node === undefined) {
          // A request that is followed no more: what was called before may have been for it.
          if (activity.exchange.side === 'server') this.#begin(activity.thread, activity.at);
        } else if (node.exchange.side === 'server') this.#answered(activity.thread, activity.at);
        else if (activity.type === 'end') this.#hadAnswer(node, activity.thread);
    }
  }

  /** What it has to say it says through the sink, when the worker goes on to the next job. */
  cause(): Verdict {
    return undefined;
  }

  silence(_client: ExchangeNode, thread: Thread): Silence {
    if (!this.#trust.allowed(thread.process, 'completion_wake')) return 'runtime_schedules';
    if (this.#active.interleaves(thread.process)) return 'interleaves';
    return this.#active.busy(thread) ? 'no_worker' : 'decides_at_end_of_job';
  }

  settle(client: ExchangeNode): void {
    const { thread } = client.exchange;
    if (this.#before.get(thread)?.calls.includes(client)) this.#decide(thread);
    if (!this.#work.get(thread)?.calls.includes(client)) return;
    this.#decide(thread);
    this.#goesOn(thread, client.start);
    this.#decide(thread);
  }

  #woke(activity: Activity & { type: 'wake' }): void {
    const work = this.#work.get(activity.thread);
    const request = work && work.calls.length > 0 ? wokenRequest(activity, this.#active) : undefined;
    if (!request) return;
    if (work!.woken.size === 0) this.#decide(activity.thread, request);
    work!.woken.add(request);
    work!.alone = this.#active.alone(activity.thread.process, work!.calls[0]!.start);
  }

  /** The worker goes on to another call, or reads a request itself: for the same job, if nobody was woken. */
  #goesOn(thread: Thread, at: Nanos): void {
    const work = this.#work.get(thread);
    if (!work || work.calls.length === 0) return;
    if (work.woken.size === 0) {
      this.#reasonsOf(thread.process).tally.add('none');
      return;
    }
    this.#before.set(thread, work);
    this.#begin(thread, at);
  }

  #hadAnswer(call: ExchangeNode, thread: Thread): void {
    const { process } = thread;
    if (call.exchange.thread !== thread || !this.#trust.allowed(process, 'completion_wake')) return;
    if (this.#active.busy(thread) || this.#active.interleaves(process)) return;
    const work = this.#work.get(thread) ?? this.#begin(thread, undefined);
    if (work.calls.length === MAX_CALLS) work.calls.shift();
    work.calls.push(call);
  }

  /** The worker answered a request itself: if it woke others as well, wakes have other reasons here. */
  #answered(thread: Thread, at: Nanos): void {
    this.#decide(thread);
    const work = this.#work.get(thread);
    if (!work) return;
    this.#begin(thread, at);
    if (work.woken.size === 0) return;
    this.#reasonsOf(thread.process).tally.add('several');
    this.#ambiguous(work, [...work.woken]);
  }

  /** @param next whom the worker woke first after its next call, where that is known */
  #decide(thread: Thread, next?: ExchangeNode): void {
    const work = this.#before.get(thread);
    if (!work) return;
    this.#before.delete(thread);
    const { calls, alone } = work;
    const reasons = this.#reasonsOf(thread.process);
    const last = calls.at(-1)!;
    const woken = [...work.woken];
    if (next && woken.at(-1) === next) {
      const begun = woken.length > 1 || next.start > last.start;
      if (begun) reasons.begun++;
      if (begun || reasons.tellOfBegin) woken.pop();
    }
    const [request] = woken;
    if (!request) {
      reasons.tally.add('none');
      this.#ambiguous(work, [next!]);
      return;
    }
    // A request that had not been read yet when the call was made did not cause it: it waited for something else.
    if (woken.length > 1 || request.start > last.start) {
      // The last of them may have been told of the begin of a job of which nothing more is known yet.
      if (next || !reasons.tellOfBegin) reasons.tally.add('several');
      this.#ambiguous(work, woken);
      return;
    }
    reasons.tally.add('one');
    const credit = reasons.jobs.ended(request, work);
    const first = () => alone && !reasons.strayed;
    const whole = () => credit.believed() && reasons.mislead(credit.unseenEnd()) < TOLERATED;
    for (const call of calls) {
      if (call === last)
        this.#link(call, request, () => first() || whole() || reasons.mislead(reasons.unseen) < TOLERATED);
      else if (credit.possible)
        this.#link(
          call,
          request,
          () => (first() && reasons.jobs.neverImpossible && credit.steady()) || whole(),
        );
    }
  }

  #ambiguous({ calls }: Work, among: readonly ExchangeNode[]): void {
    for (const call of calls) this.#sink.ambiguous(call, among, 'completion_wake', 'several_candidates');
  }

  #link(call: ExchangeNode, request: ExchangeNode, believed: () => boolean): void {
    this.#sink.linked(call, request, 'completion_wake', believed);
  }

  #begin(thread: Thread, since: Nanos | undefined): Work {
    const work: Work = { since, calls: [], woken: new Set(), alone: false };
    this.#work.set(thread, work);
    return work;
  }

  #reasonsOf(process: Process): WakeReasons {
    let reasons = this.#reasons.get(process);
    if (!reasons) {
      reasons = new WakeReasons();
      this.#reasons.set(process, reasons);
    }
    return reasons;
  }
}
