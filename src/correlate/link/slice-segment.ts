import type { Side, Thread } from '../../receiver/ebpf/exchange.ts';
import { Few } from '../few.ts';
import type { ExchangeNode } from '../node.ts';
import { AnswerOrder } from './answer-order.ts';
import { type PendingCall, type Requests, readCall, turns } from './slice-reading.ts';
import { Unfollowed } from './unfollowed.ts';

/** More requests at work on one thread than this, or more calls between two reads, are not told apart. */
export const MAX_CANDIDATES = 64;

/**
 * What reads lead to in a process: one outcome each, sooner or later; any number of them, at once; or neither is sure.
 */
export type Outcomes = 'one' | 'at_once' | 'unclear';

/** What a response that was read can be about. */
export interface StandsFor {
  readonly requests: readonly ExchangeNode[];
  /** It is, if calls follow the order of the reads. */
  readonly assumesOrder: boolean;
}

const NOTHING_UNFOLLOWED = new Unfollowed();

/** What one thread read and what it did about it: the segment now under way, and what is left of those before. */
export class ThreadSegments {
  /** Server exchanges whose request was read, client exchanges whose response was read, in order. */
  readonly reads = new Few<ExchangeNode>();
  readonly calls: PendingCall[] = [];
  /** Server exchanges to whose clients something was written. */
  readonly answered = new Few<ExchangeNode>();
  /** Those of them whose answer began in this segment. */
  readonly answersBegun = new Few<ExchangeNode>();
  readonly answers = new AnswerOrder();
  #unfollowed: Unfollowed | undefined;
  /** Requests read in earlier segments that, as far as is known, have had neither call nor answer. */
  readonly #carried = new Few<ExchangeNode>();
  /** Those of them that a response stood for. */
  readonly #carriedCalled = new Few<ExchangeNode>();
  /** Reads of earlier segments that have had no outcome: what is done next may be about those. */
  #behind = 0;
  /** Among those is the response to a call of which the cause is not known. */
  #unknownBehind = false;
  #assumedBehind = false;
  #surplusCalls = 0;

  constructor(
    readonly thread: Thread,
    private readonly standsFor: (response: ExchangeNode) => StandsFor | undefined,
  ) {}

  get hasOutcomes(): boolean {
    return (
      this.calls.length > 0 ||
      this.#surplusCalls > 0 ||
      this.answered.size > 0 ||
      this.unfollowed.outcomes > 0
    );
  }

  /** What was read and written on connections on which an exchange is under way that nobody follows. */
  get unfollowed(): Pick<Unfollowed, 'requests' | 'reads' | 'outcomes' | 'wasRead' | 'any'> {
    return this.#unfollowed ?? NOTHING_UNFOLLOWED;
  }

  readUnfollowed(side: Side, cookie: number): void {
    this.#unfollowed ??= new Unfollowed();
    this.#unfollowed.read(side, cookie);
  }

  wroteUnfollowed(cookie: number): void {
    this.#unfollowed ??= new Unfollowed();
    this.#unfollowed.written(cookie);
  }

  /** More calls than reads they can be about: one read led to several. */
  get callsAtOnce(): boolean {
    return this.calls.length + this.#surplusCalls > this.#behind + this.reads.size + this.unfollowed.reads;
  }

  get isBehind(): boolean {
    return this.#behind > 0;
  }

  /** The exchange is over or was none: whatever is done later is not about it. */
  forget(node: ExchangeNode): void {
    this.#carried.delete(node);
  }

  discard(node: ExchangeNode): void {
    this.#carried.delete(node);
    this.reads.delete(node);
    this.answered.delete(node);
  }

  /** The connection opened for a call could not be. */
  drop(call: PendingCall): void {
    const at = this.calls.indexOf(call);
    if (at >= 0) this.calls.splice(at, 1);
  }

  /** A call, or the opening of a connection for one. What is clear at once is said at once. */
  call(pending: PendingCall): void {
    const isSurplus = this.calls.length === MAX_CANDIDATES;
    if (isSurplus || this.#carried.size <= 1) this.#readAtOnce(pending, isSurplus);
    if (isSurplus) this.#surplusCalls++;
    else this.calls.push(pending);
  }

  #readAtOnce(pending: PendingCall, isSurplus: boolean): void {
    const { all, complete, assumesOrder } = this.#requests();
    const isAlone = complete && all.size === 1;
    if (!isAlone && !isSurplus) return;
    const waiting = all.toArray();
    pending.reading = {
      candidates: waiting,
      basis: isAlone ? 'alone' : undefined,
      waiting,
      inOrder: undefined,
      last: undefined,
      complete: isAlone,
      assumesOrder,
    };
  }

  /**
   * Whether it was the last of several reads that the answers begun here were for, as it is where each read is handled
   * at once; undefined where this segment says nothing of it.
   */
  get answersTheLast(): boolean | undefined {
    if (this.answersBegun.size === 0 || this.reads.size + this.#carried.size < 2) return undefined;
    const { all, last } = this.#requests((node) => node.open || this.answersBegun.has(node));
    if (all.size < 2 || last === undefined) return undefined;
    return this.answersBegun.toArray().every((answered) => answered === last);
  }

  /**
   * Ends the segment and returns the calls about which something can be said only now.
   *
   * @param outcomes of what this process reads; where that is one, as many calls as requests follow their order
   */
  readOff(outcomes: Outcomes): PendingCall[] {
    const pending = this.calls.filter((call) => call.reading === undefined);
    const behind = this.#stillBehind(outcomes);
    if (pending.length > 0 || behind > 0) this.#tellApart(pending, outcomes, behind);
    else this.#carryNothing();
    this.#behind = behind;
    this.reads.clear();
    this.calls.length = 0;
    this.answered.clear();
    this.answersBegun.clear();
    this.#unfollowed?.clear();
    this.#surplusCalls = 0;
    return pending;
  }

  /** Where a read has one outcome, those counted tell what is left over; what makes several calls handles each read at once. */
  #stillBehind(kind: Outcomes): number {
    if (kind !== 'one') return kind === 'unclear' ? 1 : 0;
    const reads = this.reads.size + this.unfollowed.requests;
    const outcomes = this.calls.length + this.#surplusCalls + this.answered.size + this.unfollowed.outcomes;
    return Math.max(0, this.#behind + reads - outcomes);
  }

  #tellApart(pending: readonly PendingCall[], outcomes: Outcomes, behind: number): void {
    const requests = this.#requests();
    const { all, last, complete } = requests;
    const waiting =
      this.answered.size === 0 ? all.toArray() : all.toArray().filter((node) => !this.answered.has(node));
    const lastWaiting = waiting.length > 1 && last && !this.answered.has(last) ? last : undefined;
    const mayOrder = outcomes === 'one' && complete && this.#surplusCalls === 0 && !this.unfollowed.any;
    const inOrder = mayOrder ? turns(pending, waiting, requests.called) : [];
    pending.forEach((call, i) => {
      call.reading = readCall(call, waiting, requests, inOrder[i], lastWaiting);
    });
    if (behind === 0) this.#carryNothing();
    else this.#carryOn(waiting, requests, outcomes === 'unclear');
  }

  #carryNothing(): void {
    this.#unknownBehind = false;
    this.#assumedBehind = false;
    this.#carried.clear();
    this.#carriedCalled.clear();
  }

  /** What was carried stays so until it has an outcome; what was read since stands behind it. */
  #carryOn(
    waiting: readonly ExchangeNode[],
    { complete, assumesOrder, called }: Requests,
    isUnclear: boolean,
  ): void {
    this.#unknownBehind = isUnclear || !complete;
    this.#assumedBehind = assumesOrder;
    if (this.#carried.size > MAX_CANDIDATES) this.#carried.clear();
    const firstNew = waiting.findLastIndex((node) => this.#carried.has(node)) + 1;
    for (const node of waiting.slice(firstNew))
      if (node.open && node.exchange.thread === this.thread) this.#carried.add(node);
    for (const node of this.answered) this.#carried.delete(node);
    for (const { reading } of this.calls)
      if (reading?.basis) this.#carried.delete(reading.inOrder ?? reading.candidates[0]!);
    this.#carriedCalled.clear();
    for (const node of called) if (this.#carried.has(node)) this.#carriedCalled.add(node);
  }

  #requests(atWork = (node: ExchangeNode) => node.open): Requests {
    const called = this.#carriedCalled.copy();
    let complete = !this.#unknownBehind && !this.unfollowed.wasRead;
    let assumesOrder = this.#assumedBehind;
    let last: ExchangeNode | undefined;
    if (this.#carried.size > MAX_CANDIDATES)
      return { all: new Few(), called, last, complete: false, assumesOrder };
    const all = this.#carried.copy();
    for (const read of this.reads) {
      const isRequest = read.exchange.side === 'server';
      const about = isRequest ? { requests: [read], assumesOrder: false } : this.standsFor(read);
      // Whoever goes on to call after the answer does so for somebody else.
      const requests = about?.requests.filter(atWork) ?? [];
      if (about === undefined) complete = false;
      else assumesOrder ||= about.assumesOrder && requests.length > 0;
      for (const request of requests) {
        all.add(request);
        if (!isRequest) called.add(request);
      }
      last = requests.length === 1 && about?.requests.length === 1 ? requests[0] : undefined;
    }
    return { all, called, last, complete, assumesOrder };
  }
}
