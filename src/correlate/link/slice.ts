import type { Activity, Process, Thread } from '../../receiver/ebpf/exchange.ts';
import type { ExchangeNode } from '../node.ts';
import { sameContent } from './content.ts';
import type { LinkRule, LinkSink, Verdict } from './rule.ts';
import { type PendingCall, Segment } from './slice-segment.ts';
import type { Trust } from './trust.ts';

/** Connections opened without a request yet; one that failed leaves no other trace. */
const MAX_OPENED = 4096;

/**
 * Event loops (nginx, HAProxy, lighttpd, Squid, Envoy). On each thread a run of reads, then its outcomes up to the next
 * read, is a segment: what was read is what the outcomes are about. A response read stands for the request whose
 * call it answers.
 *
 * Forward: the calls of a segment belong to its reads; with several reads they are assigned in order only where
 * candidates and calls agree in number and content. Backward: an answer written in a segment whose only read was a
 * response says whose call that response was. Each direction checks the other; a link that neither content nor such a
 * check supports is not believed until the process has earned it.
 */
export class SliceRule implements LinkRule {
  readonly evidence = 'slice';
  readonly #segments = new Map<Thread, Segment>();
  /** Calls whose connection was opened in a segment and whose request is not written yet, by socket cookie. */
  readonly #opened = new Map<number, PendingCall>();
  /** What the forward reading said of a call, until the backward one can check it. */
  readonly #forward = new WeakMap<ExchangeNode, readonly ExchangeNode[]>();
  readonly #trust: Trust;
  readonly #sink: LinkSink;

  constructor(trust: Trust, sink: LinkSink) {
    this.#trust = trust;
    this.#sink = sink;
  }

  observe(activity: Activity, node: ExchangeNode | undefined): void {
    switch (activity.type) {
      case 'connect':
        if (this.#trust.allowed(activity.thread.process, 'slice'))
          this.#connect(activity.socket.cookie, activity.thread);
        return;
      case 'connection':
        if (activity.state === 'closed') this.#opened.delete(activity.socket.cookie);
        return;
      case 'thread_exit':
        this.#close(activity.thread);
        return;
      case 'process_exit':
        this.#exit(activity.process);
        return;
      case 'process':
        return;
      case 'discard':
        if (node) this.#forward.delete(node);
        return;
    }
    if (node === undefined || activity.thread === undefined) return;
    if (!this.#trust.allowed(activity.thread.process, 'slice')) return;
    const segment = this.#segment(activity.thread);
    const client = node.exchange.side === 'client';
    switch (activity.type) {
      case 'request':
        if (client) this.#call(segment, node);
        else this.#read(segment, activity.thread, node);
        return;
      case 'transfer':
        if (activity.direction === 'receive') this.#read(segment, activity.thread, node);
        else if (!client) segment.answered.add(node);
        return;
      case 'response':
      case 'end':
        if (client) this.#read(segment, activity.thread, node);
        else segment.answered.add(node);
        if (activity.type === 'end' && !client) segment.forget(node);
    }
  }

  /** The forward reading comes with the next read on the thread, through the sink. */
  cause(): Verdict {
    return undefined;
  }

  settle(client: ExchangeNode): void {
    const segment = this.#segments.get(client.exchange.thread);
    if (segment?.calls.some((call) => call.client === client)) this.#close(client.exchange.thread);
    this.#forward.delete(client);
  }

  #segment(thread: Thread): Segment {
    let segment = this.#segments.get(thread);
    if (!segment) {
      segment = new Segment();
      this.#segments.set(thread, segment);
    }
    return segment;
  }

  #connect(cookie: number, thread: Thread): void {
    const call: PendingCall = { client: undefined, candidates: undefined };
    this.#segment(thread).calls.push(call);
    this.#opened.set(cookie, call);
    if (this.#opened.size > MAX_OPENED) this.#opened.delete(this.#opened.keys().next().value as number);
  }

  #call(segment: Segment, client: ExchangeNode): void {
    const { cookie } = client.exchange.connection.socket;
    const opened = this.#opened.get(cookie);
    if (opened === undefined) {
      segment.calls.push({ client, candidates: undefined });
      return;
    }
    this.#opened.delete(cookie);
    opened.client = client;
    if (opened.candidates) this.#decided(client, opened.candidates);
  }

  #read(segment: Segment, thread: Thread, node: ExchangeNode): void {
    const current = segment.hasOutcomes ? this.#close(thread) : segment;
    if (!current.reads.includes(node)) current.reads.push(node);
  }

  /** Reads the thread's segment off and starts the next one, which inherits the requests left over. */
  #close(thread: Thread): Segment {
    const segment = this.#segment(thread);
    this.#backward(segment);
    const carried = segment.assign((client, candidates) => this.#decided(client, candidates));
    const next = new Segment(carried);
    this.#segments.set(thread, next);
    return next;
  }

  #decided(client: ExchangeNode, candidates: readonly ExchangeNode[]): void {
    if (candidates.length === 0) return;
    this.#forward.set(client, candidates);
    const [only] = candidates;
    if (candidates.length === 1 && this.#believed(client, only!)) this.#sink.linked(client, only!, 'slice');
    else this.#sink.ambiguous(client, candidates, 'slice');
  }

  #believed(client: ExchangeNode, cause: ExchangeNode): boolean {
    return sameContent(client, cause) || this.#trust.earned(cause.exchange.process, 'slice');
  }

  /** The only thing read was one call's response, and one request was answered: that call was that request's. */
  #backward(segment: Segment): void {
    const [response, ...otherReads] = segment.reads;
    const [answered, ...otherAnswers] = segment.answered;
    if (response === undefined || answered === undefined) return;
    if (otherReads.length > 0 || otherAnswers.length > 0 || segment.calls.length > 0) return;
    if (response.exchange.side !== 'client') return;
    if (answered.start > response.start || !sameStatus(response, answered)) return;
    const forward = this.#forward.get(response);
    const { process } = answered.exchange;
    if (forward?.length === 1) this.#trust.checked(process, 'slice', forward[0] === answered);
    const supported = forward ? forward.includes(answered) : sameContent(response, answered);
    if (supported && response.cause === undefined) this.#sink.linked(response, answered, 'slice');
  }

  #exit(process: Process): void {
    for (const thread of [...this.#segments.keys()])
      if (thread.process === process) {
        this.#close(thread);
        this.#segments.delete(thread);
      }
  }
}

/** A gateway passes its upstream's status on; where either is unknown that says nothing against it. */
function sameStatus(call: ExchangeNode, request: ExchangeNode): boolean {
  const a = call.exchange.response?.status;
  const b = request.exchange.response?.status;
  return a === undefined || b === undefined || a === b;
}
