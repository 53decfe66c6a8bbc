import type { ExchangeNode } from '../node.ts';
import { sameContent } from './content.ts';

export interface PendingCall {
  /** Undefined while only the connection has been opened for it. */
  client: ExchangeNode | undefined;
  /** What its segment said, once that is read off. */
  candidates: readonly ExchangeNode[] | undefined;
}

/** A run of reads on one thread and its outcomes up to the next read. */
export class Segment {
  /** Server exchanges whose request was read, client exchanges whose response was read; each once, in order. */
  readonly reads: ExchangeNode[] = [];
  readonly calls: PendingCall[] = [];
  /** Server exchanges to whose clients something was written. */
  readonly answered = new Set<ExchangeNode>();
  #carried: ExchangeNode[];

  /** @param carried requests read earlier on this thread that have had neither call nor answer */
  constructor(carried: ExchangeNode[] = []) {
    this.#carried = carried;
  }

  get hasOutcomes(): boolean {
    return this.calls.length > 0 || this.answered.size > 0;
  }

  /** The exchange is over: whatever is written later is not about it. */
  forget(node: ExchangeNode): void {
    this.#carried = this.#carried.filter((carried) => carried !== node);
  }

  /**
   * Says of each call whose it can be, and returns the requests that are left over.
   */
  assign(decide: (client: ExchangeNode, candidates: readonly ExchangeNode[]) => void): ExchangeNode[] {
    const { requests, unknownResponse } = this.#candidates();
    const alone = this.reads.length === 1 && this.#carried.length === 0;
    const waiting = requests.filter((node) => alone || !this.answered.has(node));
    const used = new Set<ExchangeNode>();
    const assigned = this.#inOrder(waiting, unknownResponse);
    this.calls.forEach((call, i) => {
      const candidates = assigned?.[i] ?? (unknownResponse ? [] : this.#byContent(call, waiting));
      call.candidates = candidates;
      if (candidates.length === 1) used.add(candidates[0]!);
      if (call.client) decide(call.client, candidates);
    });
    return waiting.filter(
      (node) => node.exchange.side === 'server' && node.open && !used.has(node) && !this.answered.has(node),
    );
  }

  /** The requests the reads stand for, and whether a response was read whose call nothing is known about. */
  #candidates(): { requests: ExchangeNode[]; unknownResponse: boolean } {
    const requests = new Set(this.#carried.filter((node) => node.open));
    let unknownResponse = false;
    for (const read of this.reads) {
      const request = read.exchange.side === 'server' ? read : read.cause;
      if (request) requests.add(request);
      else unknownResponse = true;
    }
    return { requests: [...requests], unknownResponse };
  }

  /** One candidate has all calls; as many candidates as calls are taken in order if the content of each pair agrees. */
  #inOrder(
    waiting: readonly ExchangeNode[],
    unknownResponse: boolean,
  ): readonly ExchangeNode[][] | undefined {
    if (unknownResponse) return undefined;
    if (waiting.length === 1) return this.calls.map(() => [waiting[0]!]);
    if (waiting.length !== this.calls.length) return undefined;
    const agree = this.calls.every(
      (call, i) => call.client === undefined || sameContent(call.client, waiting[i]!),
    );
    return agree ? waiting.map((node) => [node]) : undefined;
  }

  #byContent(call: PendingCall, waiting: readonly ExchangeNode[]): readonly ExchangeNode[] {
    if (call.client === undefined) return waiting;
    const agreeing = waiting.filter((node) => sameContent(call.client!, node));
    return agreeing.length === 1 ? agreeing : waiting;
  }
}
