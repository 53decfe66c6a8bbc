import { Few } from '../few.ts';
import { FewBy } from '../few-by.ts';
import type { ExchangeNode } from '../node.ts';

/** Responses remembered until what they are about is answered. */
const MAX_WAITING = 4096;

/** That a call was made for a request, as the order of the reads says, until that request is answered. */
interface Claim {
  readonly cause: ExchangeNode;
  /** What the same order says together: one that is wrong makes all of them doubtful. */
  readonly together: object;
  readonly confirmed: () => void;
}

/**
 * Whether one thread's answers bear out what the order of its reads said. A loop that takes what it reads in order answers in
 * order as well: when a request is answered, its call's response has been read, and no response read before it waits
 * for its own answer. Order that was off by one would show there.
 */
export class AnswerOrder {
  readonly #claims = new FewBy<ExchangeNode, Claim>();
  /** The calls claimed for a request: more than one if it was tried again. */
  readonly #callsOf = new FewBy<ExchangeNode, Few<ExchangeNode>>();
  /** Calls whose response was read, in that order, and whose requests are not answered yet. */
  readonly #waiting = new Few<ExchangeNode>();
  /** The latest of them by request. */
  readonly #waitingOf = new FewBy<ExchangeNode, ExchangeNode>();
  #refuted: WeakSet<object> | undefined;
  /** What answers out of order speak against, as long as this thread answers in order. */
  #doubted: WeakSet<object> | undefined;
  #doubtful: Claim[] | undefined;
  /** Until something shows that this thread answers in another order than it reads responses in. */
  #inOrder = true;

  claim(client: ExchangeNode, claim: Claim): void {
    this.#claims.set(client, claim);
    let calls = this.#callsOf.get(claim.cause);
    if (!calls) {
      calls = new Few();
      this.#callsOf.set(claim.cause, calls);
    }
    calls.add(client);
  }

  /** A call's response was read. */
  responded(client: ExchangeNode): void {
    const about = this.#about(client);
    if (about === undefined || failed(client)) return;
    const before = this.#waitingOf.get(about);
    if (before) this.#waiting.delete(before);
    this.#waiting.add(client);
    this.#waitingOf.set(about, client);
    if (this.#waiting.size > MAX_WAITING) this.#drop(this.#waiting.first!);
  }

  /** A request was answered. */
  answered(request: ExchangeNode): void {
    const response = this.#waitingOf.get(request);
    if (response && this.#inOrder) this.#passOver(response);
    for (const call of [...(this.#callsOf.get(request) ?? [])]) {
      const claim = this.#claims.get(call)!;
      if (call !== response && !failed(call)) this.#refute(claim.together);
      this.#drop(call);
      this.#confirm(claim);
    }
    if (response) this.#drop(response);
  }

  /** Nothing more will be done about a request. */
  forget(request: ExchangeNode): void {
    for (const call of [...(this.#callsOf.get(request) ?? [])]) this.#drop(call);
    const response = this.#waitingOf.get(request);
    if (response) this.#drop(response);
  }

  /** An answer came before those to what had been read earlier: order was wrong about one of them, unless it is known. */
  #passOver(response: ExchangeNode): void {
    for (const earlier of this.#waiting) {
      if (earlier === response) return;
      if (!this.#about(earlier)?.open) this.#drop(earlier);
      else if (earlier.cause && response.cause) {
        this.#outOfOrder();
        return;
      } else if (!earlier.cause && !response.cause)
        for (const call of [earlier, response]) this.#doubt(this.#claims.get(call)!.together);
    }
  }

  #refute(together: object): void {
    this.#refuted ??= new WeakSet();
    this.#refuted.add(together);
  }

  #doubt(together: object): void {
    this.#doubted ??= new WeakSet();
    this.#doubted.add(together);
  }

  /** This thread answers out of order, so that answers out of order tell nothing. */
  #outOfOrder(): void {
    this.#inOrder = false;
    this.#doubted = undefined;
    const doubtful = this.#doubtful;
    this.#doubtful = undefined;
    for (const claim of doubtful ?? []) this.#confirm(claim);
  }

  #confirm(claim: Claim): void {
    if (this.#refuted?.has(claim.together)) return;
    if (!this.#doubted?.has(claim.together)) {
      claim.confirmed();
      return;
    }
    this.#doubtful ??= [];
    if (this.#doubtful.push(claim) > MAX_WAITING) this.#doubtful.shift();
  }

  #about(client: ExchangeNode): ExchangeNode | undefined {
    return client.cause ?? this.#claims.get(client)?.cause;
  }

  #drop(call: ExchangeNode): void {
    const claim = this.#claims.get(call);
    this.#claims.delete(call);
    this.#waiting.delete(call);
    if (claim) {
      const calls = this.#callsOf.get(claim.cause);
      calls?.delete(call);
      if (calls?.size === 0) this.#callsOf.delete(claim.cause);
    }
    for (const about of [call.cause, claim?.cause])
      if (about && this.#waitingOf.get(about) === call) this.#waitingOf.delete(about);
  }
}

/** What came of it says nothing of when its request is answered: it may be tried again before. */
function failed({ exchange: { response, end } }: ExchangeNode): boolean {
  const status = response?.status;
  return status === undefined ? end !== undefined : typeof status === 'number' && status >= 500;
}
