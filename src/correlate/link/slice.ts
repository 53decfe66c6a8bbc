import type { Activity, Process, Thread } from '../../receiver/ebpf/exchange.ts';
import { Groups } from '../groups.ts';
import type { ExchangeNode } from '../node.ts';
import type { ActiveRequests } from './active-requests.ts';
import { sameContent } from './content.ts';
import type { LinkRule, LinkSink, Verdict } from './rule.ts';
import type { Silence } from './silence.ts';
import { SliceBelief } from './slice-belief.ts';
import { type PendingCall, type Reading, withContent } from './slice-reading.ts';
import { type Outcomes, type StandsFor, ThreadSegments } from './slice-segment.ts';
import type { PerThread, ThreadNotes } from './thread-notes.ts';
import type { Trust } from './trust.ts';

/** Connections opened without a request yet; one that failed leaves no other trace. */
const MAX_OPENED = 4096;

/**
 * Event loops (nginx, HAProxy, lighttpd, Squid, Envoy). On each thread a run of reads, then its outcomes up to the next
 * read, is a segment: what was read is what the outcomes are about. A response read stands for the request whose
 * call it answers.
 *
 * Forward: the calls of a segment belong to its reads; with several reads they are told apart by content, by order, or
 * go to the last. Backward: an answer written in a segment whose only read was a response says whose call that response
 * was. Each checks the others (`SliceBelief`).
 */
export class SliceRule implements LinkRule {
  readonly evidence = 'slice';
  readonly #threads: PerThread<ThreadSegments>;
  /** The same, so that the end of a process costs what it had. */
  readonly #byProcess = new Groups<Process, ThreadSegments>();
  /** Calls whose connection was opened in a segment and whose request is not written yet, by socket cookie. */
  readonly #opened = new Map<number, { readonly call: PendingCall; readonly segments: ThreadSegments }>();
  /** Processes in which a request made another call before the last was answered: a read has several outcomes there. */
  readonly #callsAtOnce = new WeakSet<Process>();
  /** Processes in which a request read on one thread was answered by another: what a thread read is not its work. */
  readonly #handsOver = new WeakSet<Process>();
  readonly #active: ActiveRequests;
  readonly #trust: Trust;
  readonly #belief: SliceBelief;
  readonly #sink: LinkSink;

  constructor(threads: ThreadNotes, active: ActiveRequests, trust: Trust, sink: LinkSink) {
    this.#threads = threads.place();
    this.#active = active;
    this.#trust = trust;
    this.#belief = new SliceBelief(active, trust, sink);
    this.#sink = sink;
  }

  observe(activity: Activity, node: ExchangeNode | undefined): void {
    this.#belief.observe(activity, node);
    switch (activity.type) {
      case 'connect':
        if (this.#isLoop(activity.thread.process)) this.#connect(activity.socket.cookie, activity.thread);
        return;
      case 'connection':
        if (activity.state === 'closed') this.#closed(activity.socket.cookie);
        return;
      case 'thread_exit':
        this.#exit(activity.thread);
        return;
      case 'process_exit':
        for (const { thread } of [...this.#byProcess.of(activity.process)]) this.#exit(thread);
        return;
      case 'process':
      case 'context':
      case 'unread':
        return;
      case 'unfollowed':
        if (this.#isLoop(activity.thread.process)) this.#unfollowed(activity);
        return;
    }
    if (node === undefined) return;
    const { thread } = activity.type === 'discard' ? node.exchange : activity;
    const client = node.exchange.side === 'client';
    if (activity.type === 'response' && !client && node.exchange.thread !== activity.thread)
      this.#handedOver(node.exchange.process);
    if (thread === undefined || !this.#isLoop(thread.process)) {
      this.#known(node.exchange.thread)?.forget(node);
      return;
    }
    const segments = this.#segments(thread);
    switch (activity.type) {
      case 'request':
        if (client) this.#call(segments, node);
        else this.#read(segments, thread.process, node);
        return;
      case 'transfer':
        if (activity.direction === 'receive') this.#read(segments, thread.process, node);
        else if (!client) segments.answered.add(node);
        return;
      case 'discard':
        segments.discard(node);
        segments.answers.forget(node);
        return;
      case 'response':
      case 'end':
        if (activity.type === 'response' && !client) segments.answersBegun.add(node);
        if (client) this.#read(segments, thread.process, node);
        else segments.answered.add(node);
        if (activity.type === 'end') this.#known(node.exchange.thread)?.forget(node);
        else if (client) segments.answers.responded(node);
        else segments.answers.answered(node);
    }
  }

  /** What it has to say it says through the sink, at once or with the next read on the thread. */
  cause(): Verdict {
    return undefined;
  }

  silence(_client: ExchangeNode, thread: Thread): Silence {
    if (!this.#trust.allowed(thread.process, 'slice')) return 'runtime_schedules';
    return this.#isLoop(thread.process) ? 'decides_later' : 'hands_over';
  }

  settle(client: ExchangeNode): void {
    const { thread } = client.exchange;
    const segments = this.#known(thread);
    if (segments?.calls.some((call) => call.client === client)) this.#close(segments, thread.process);
  }

  #isLoop(process: Process): boolean {
    return this.#trust.allowed(process, 'slice') && !this.#handsOver.has(process);
  }

  #handedOver(process: Process): void {
    if (this.#handsOver.has(process)) return;
    this.#handsOver.add(process);
    this.#belief.forget(process);
    for (const segments of [...this.#byProcess.of(process)]) this.#forget(segments);
  }

  #known(thread: Thread): ThreadSegments | undefined {
    return this.#threads.get(thread);
  }

  #segments(thread: Thread): ThreadSegments {
    let segments = this.#known(thread);
    if (!segments) {
      segments = new ThreadSegments(thread, standsFor);
      this.#threads.set(thread, segments);
      this.#byProcess.add(thread.process, segments);
    }
    return segments;
  }

  #connect(cookie: number, thread: Thread): void {
    const call: PendingCall = { client: undefined, reading: undefined };
    const segments = this.#segments(thread);
    segments.call(call);
    this.#opened.set(cookie, { call, segments });
    if (this.#opened.size > MAX_OPENED) this.#opened.delete(this.#opened.keys().next().value as number);
  }

  #closed(cookie: number): void {
    const opened = this.#opened.get(cookie);
    if (!opened) return;
    this.#opened.delete(cookie);
    opened.segments.drop(opened.call);
  }

  #call(segments: ThreadSegments, client: ExchangeNode): void {
    this.#belief.called(client);
    const { cookie } = client.exchange.connection.socket;
    const opened = this.#opened.get(cookie);
    if (opened) {
      this.#opened.delete(cookie);
      const { call } = opened;
      call.client = client;
      if (call.reading) this.#decided(client, withContent(call.reading, client));
      return;
    }
    const call: PendingCall = { client, reading: undefined };
    segments.call(call);
    if (call.reading) this.#decided(client, call.reading);
  }

  #read(segments: ThreadSegments, process: Process, node: ExchangeNode): void {
    if (segments.hasOutcomes) this.#close(segments, process);
    segments.reads.add(node);
  }

  #unfollowed({ direction, side, socket, thread }: Activity & { type: 'unfollowed' }): void {
    const segments = this.#segments(thread);
    if (direction === 'receive') {
      if (segments.hasOutcomes) this.#close(segments, thread.process);
      segments.readUnfollowed(side, socket.cookie);
    } else segments.wroteUnfollowed(socket.cookie);
  }

  /** Reads the segment off; the next one inherits what is left over. */
  #close(segments: ThreadSegments, process: Process): void {
    this.#backward(segments);
    const handlesAtOnce = segments.answersTheLast;
    if (handlesAtOnce !== undefined) this.#belief.checked(process, 'slice_last', handlesAtOnce);
    if (segments.callsAtOnce) this.#callsAtOnce.add(process);
    for (const { client, reading } of segments.readOff(this.#outcomes(process)))
      if (client) this.#decided(client, reading!);
  }

  #outcomes(process: Process): Outcomes {
    if (!this.#callsAtOnce.has(process)) return 'one';
    return this.#trust.doubted(process, 'slice_last') ? 'unclear' : 'at_once';
  }

  #decided(client: ExchangeNode, reading: Reading): void {
    const { candidates, basis, complete } = reading;
    // A thread that reads no requests is no loop that serves them: what it read last was for another job.
    if (!this.#active.readsRequests(client.exchange.thread)) return;
    if (candidates.length > 0 && complete) client.reading = reading;
    if (basis === 'alone' || basis === 'content') this.#count(client, candidates[0]!);
    this.#belief.decide(client, reading, this.#segments(client.exchange.thread).answers);
  }

  #count(client: ExchangeNode, cause: ExchangeNode): void {
    if (cause.latestCall?.open) this.#callsAtOnce.add(cause.exchange.process);
    cause.latestCall = client;
  }

  /** The only thing read was one call's response, and one request was answered: that call was that request's. */
  #backward(segments: ThreadSegments): void {
    if (
      segments.isBehind ||
      segments.unfollowed.any ||
      segments.reads.size !== 1 ||
      segments.answered.size !== 1
    )
      return;
    const response = segments.reads.first!;
    const answered = segments.answered.first!;
    if (segments.calls.length > 0 || response.exchange.side !== 'client') return;
    this.#answers(response, answered);
  }

  #answers(response: ExchangeNode, answered: ExchangeNode): void {
    if (answered.start > response.start || !sameStatus(response, answered)) return;
    const forward = response.reading;
    if (forward) this.#belief.known(response, forward, answered);
    const supported = forward ? forward.candidates.includes(answered) : sameContent(response, answered);
    if (supported) this.#sink.linked(response, answered, 'slice', true);
  }

  #exit(thread: Thread): void {
    const segments = this.#known(thread);
    if (!segments) return;
    this.#close(segments, thread.process);
    this.#forget(segments);
  }

  #forget(segments: ThreadSegments): void {
    this.#threads.delete(segments.thread);
    this.#byProcess.delete(segments.thread.process, segments);
  }
}

/** A gateway passes its upstream's status on; where either is unknown that says nothing against it. */
function sameStatus(call: ExchangeNode, request: ExchangeNode): boolean {
  const a = call.exchange.response?.status;
  const b = request.exchange.response?.status;
  return a === undefined || b === undefined || a === b;
}

function standsFor(response: ExchangeNode): StandsFor | undefined {
  if (response.cause) return { requests: [response.cause], assumesOrder: false };
  if (!response.reading) return undefined;
  const { candidates, inOrder, assumesOrder } = response.reading;
  return inOrder ? { requests: [inOrder], assumesOrder: true } : { requests: candidates, assumesOrder };
}
