import type { Thread } from '../../receiver/ebpf/exchange.ts';
import type { ExchangeNode } from '../node.ts';
import { sameContent } from './content.ts';
import { Unfollowed } from './unfollowed.ts';

/** More requests at work on one thread than this, or more calls between two reads, are not told apart. */
export const MAX_CANDIDATES = 64;

export interface PendingCall {
  /** Undefined while only the connection has been opened for it. */
  client: ExchangeNode | undefined;
  /** What its segment said, once that is read off. */
  reading: Reading | undefined;
}

/** What a segment says of one call. */
export interface Reading {
  /** The requests it can have been made for. */
  readonly candidates: readonly ExchangeNode[];
  /** Why it is the first of them: nobody else is there, only its content agrees, or calls follow the order of the reads. */
  readonly basis: 'alone' | 'content' | 'order' | undefined;
  /** Everything that was waiting then. */
  readonly waiting: readonly ExchangeNode[];
  /** All requests it can have been made for are among those. */
  readonly complete: boolean;
}

/** The requests that what was read on a client connection can be about; undefined where that is not known. */
export type StandsFor = (response: ExchangeNode) => readonly ExchangeNode[] | undefined;

/** The requests a segment is about. */
interface Requests {
  /** Those that, as far as is known, have had neither call nor answer, in the order they were read. */
  readonly fresh: Set<ExchangeNode>;
  /** Those and the ones whose call was answered. */
  readonly all: Set<ExchangeNode>;
  /** There can be no other. */
  readonly complete: boolean;
}

/** What one thread read and what it did about it: the segment now under way, and what is left of those before. */
export class ThreadSegments {
  /** Server exchanges whose request was read, client exchanges whose response was read, in order. */
  readonly reads = new Set<ExchangeNode>();
  readonly calls: PendingCall[] = [];
  /** Server exchanges to whose clients something was written. */
  readonly answered = new Set<ExchangeNode>();
  /** The same of connections on which an exchange is under way that nobody follows. */
  readonly unfollowed = new Unfollowed();
  /** Requests read in earlier segments that, as far as is known, have had neither call nor answer. */
  readonly #carried = new Set<ExchangeNode>();
  /** Reads of earlier segments that have had no outcome: what is done next may be about those. */
  #behind = 0;
  /** Among those is the response to a call of which the cause is not known. */
  #unknownBehind = false;
  #surplusCalls = 0;

  constructor(
    private readonly thread: Thread,
    private readonly standsFor: StandsFor,
  ) {}

  get hasOutcomes(): boolean {
    return (
      this.calls.length > 0 ||
      this.#surplusCalls > 0 ||
      this.answered.size > 0 ||
      this.unfollowed.outcomes > 0
    );
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

  /** A call, or the opening of a connection for one. What is clear at once is said at once. */
  call(pending: PendingCall): void {
    const { all, complete } = this.#requests();
    if (complete && all.size === 1)
      pending.reading = { candidates: [...all], waiting: [...all], basis: 'alone', complete };
    else if (this.calls.length === MAX_CANDIDATES)
      pending.reading = { candidates: [...all], waiting: [...all], basis: undefined, complete: false };
    if (pending.reading && this.calls.length === MAX_CANDIDATES) this.#surplusCalls++;
    else this.calls.push(pending);
  }

  /**
   * Ends the segment and returns the calls about which something can be said only now.
   *
   * @param mayOrder requests of this process have one call each, so that as many calls as requests follow their order
   */
  readOff(mayOrder: boolean): PendingCall[] {
    const { fresh, all, complete } = this.#requests();
    const unanswered = (node: ExchangeNode) => !this.answered.has(node);
    const waiting = [...all].filter(unanswered);
    const turns = [...fresh].filter(unanswered);
    const pending = this.calls.filter((call) => call.reading === undefined);
    const ordered =
      mayOrder &&
      this.#surplusCalls === 0 &&
      !this.unfollowed.any &&
      pending.length === turns.length &&
      pending.every(({ client }, i) => client === undefined || sameContent(client, turns[i]!));
    const used = new Set<ExchangeNode>();
    pending.forEach((call, i) => {
      call.reading = readCall(call, waiting, complete, ordered ? turns[i] : undefined);
    });
    for (const { reading } of this.calls) if (reading?.basis) used.add(reading.candidates[0]!);
    this.#carryOn(waiting, used, complete, mayOrder);
    return pending;
  }

  /** Where a read has one outcome, those counted tell what is left over; what makes several calls handles each read at once. */
  #carryOn(
    waiting: readonly ExchangeNode[],
    used: ReadonlySet<ExchangeNode>,
    complete: boolean,
    oneOutcome: boolean,
  ): void {
    const reads = this.reads.size + this.unfollowed.requests;
    const outcomes = this.calls.length + this.#surplusCalls + this.answered.size + this.unfollowed.outcomes;
    this.#behind = oneOutcome ? Math.max(0, this.#behind + reads - outcomes) : 0;
    this.#unknownBehind = this.#behind > 0 && !complete;
    if (this.#behind === 0) this.#carried.clear();
    for (const node of this.answered) this.#carried.delete(node);
    for (const node of used) this.#carried.delete(node);
    if (this.#behind > 0)
      for (const node of waiting)
        if (node.open && node.exchange.thread === this.thread && !used.has(node)) this.#carried.add(node);
    this.reads.clear();
    this.calls.length = 0;
    this.answered.clear();
    this.unfollowed.clear();
    this.#surplusCalls = 0;
  }

  #requests(): Requests {
    if (this.#carried.size > MAX_CANDIDATES) return { fresh: new Set(), all: new Set(), complete: false };
    const fresh = new Set(this.#carried);
    const all = new Set(this.#carried);
    let complete = !this.#unknownBehind && !this.unfollowed.wasRead;
    for (const read of this.reads) {
      if (read.exchange.side === 'server') {
        fresh.add(read);
        all.add(read);
        continue;
      }
      const requests = this.standsFor(read);
      if (!requests) complete = false;
      // Whoever goes on to call after the answer does so for somebody else.
      else for (const request of requests) if (request.open) all.add(request);
    }
    return { fresh, all, complete };
  }
}

function readCall(
  call: PendingCall,
  waiting: readonly ExchangeNode[],
  complete: boolean,
  inOrder: ExchangeNode | undefined,
): Reading {
  const basis = waiting.length === 1 && complete ? 'alone' : inOrder ? 'order' : undefined;
  const reading = { candidates: inOrder ? [inOrder] : waiting, waiting, basis, complete } as const;
  return call.client ? withContent(reading, call.client) : reading;
}

/** The reading of a call, now that its request is known. */
export function withContent(reading: Reading, client: ExchangeNode): Reading {
  const { basis, complete, waiting } = reading;
  if (!complete || basis === 'alone') return reading;
  const agreeing = waiting.filter((node) => sameContent(client, node));
  return agreeing.length === 1 ? { ...reading, candidates: agreeing, basis: 'content' } : reading;
}
