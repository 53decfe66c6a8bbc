import type { Activity, Process } from '../../receiver/ebpf/exchange.ts';
import type { ExchangeNode } from '../node.ts';
import type { ActiveRequests } from './active-requests.ts';
import type { AnswerOrder } from './answer-order.ts';
import { contentOf } from './content.ts';
import { OpenRequests } from './open-requests.ts';
import type { LinkSink } from './rule.ts';
import type { Reading } from './slice-reading.ts';
import { MAX_CANDIDATES } from './slice-segment.ts';
import type { Guess, Trust } from './trust.ts';

/** Guesses of a process that wait until it has earned belief; older ones are given up. */
const MAX_DEFERRED = 4096;

/** What asked for the same as a call when that was made. */
export interface Alike {
  /** The one request of its thread. */
  readonly ofThread: ExchangeNode | undefined;
  /** The one request of its process. */
  readonly only: ExchangeNode | undefined;
}

const NONE: Alike = { ofThread: undefined, only: undefined };

interface Guessed {
  readonly guess: Guess;
  readonly cause: ExchangeNode;
  /** That the call asks for what the request asked for is reason enough, if no other does. */
  readonly byContent?: boolean;
}

interface Deferred extends Guessed {
  readonly client: ExchangeNode;
}

/**
 * Whether what a segment says of a call is believed: at once where the call asks for what only one open request asked
 * for, otherwise when the process has earned it. What was said until then is believed afterwards as well.
 */
export class SliceBelief {
  readonly #alike = new OpenRequests(contentOf);
  readonly #deferred = new WeakMap<Process, Deferred[]>();
  readonly #active: ActiveRequests;
  readonly #trust: Trust;
  readonly #sink: LinkSink;

  constructor(active: ActiveRequests, trust: Trust, sink: LinkSink) {
    this.#active = active;
    this.#trust = trust;
    this.#sink = sink;
  }

  observe(activity: Activity, node: ExchangeNode | undefined): void {
    this.#alike.observe(activity, node);
  }

  /** A call is made: what asks for the same is looked for now, as later requests can not have led to it. */
  called(client: ExchangeNode): void {
    const [key] = contentOf(client);
    const { process, thread } = client.exchange;
    if (key === undefined || this.#active.hasUnfollowed(process)) return;
    const open = this.#alike.few(process, key, MAX_CANDIDATES);
    if (open.length === 0) return;
    const ofThread = open.filter((node) => node.exchange.thread === thread);
    client.alike = {
      ofThread: ofThread.length === 1 ? ofThread[0] : undefined,
      only: open.length === 1 ? open[0] : undefined,
    };
  }

  /** @param answers of the thread that made the call: what only order says waits for them */
  decide(client: ExchangeNode, reading: Reading, answers: AnswerOrder): void {
    const { candidates } = reading;
    const alike = this.#alikeTo(client).ofThread;
    const known = client.cause;
    if (known) this.known(client, reading, known);
    const guesses = guessesOf(reading, alike);
    const believed = guesses.filter((guess) => this.#isBelieved(client, guess));
    const [first] = believed;
    if (first && believed.every(({ cause }) => cause === first.cause)) {
      if (
        known ||
        believed.some((guess) => guess.guess !== 'slice_order' || this.#asksAlone(client, first.cause))
      )
        this.#sink.linked(client, first.cause, 'slice', true);
      else this.#claim(client, reading, first, answers);
      if (!known && this.#asksAlone(client, first.cause)) this.#supported(client, reading, first.cause);
      return;
    }
    if (known) return;
    if (candidates.length > 0) this.#sink.ambiguous(client, candidates, 'slice', whyNot(reading, guesses));
    if (first) return;
    for (const guess of guesses)
      if (!alike || guess.cause === alike)
        if (guess.guess === 'slice_order') this.#claim(client, reading, guess, answers);
        else this.#defer(client, guess);
  }

  #claim(client: ExchangeNode, { waiting }: Reading, guessed: Guessed, answers: AnswerOrder): void {
    const confirmed = () => {
      if (client.cause) return;
      if (this.#isBelieved(client, guessed)) this.#sink.linked(client, guessed.cause, 'slice', true);
      else this.#defer(client, guessed);
    };
    answers.claim(client, { cause: guessed.cause, together: waiting, confirmed });
  }

  /** Something independent has told what caused a call: what order and content said of it was right or wrong. */
  known(client: ExchangeNode, reading: Reading, cause: ExchangeNode): void {
    const { basis, candidates } = reading;
    if (basis === 'alone' || basis === 'content')
      this.#compare({ guess: sliceOf(reading), cause: candidates[0]! }, cause);
    const alike = this.#alikeTo(client).ofThread;
    if (alike && basis !== 'content') this.#compare({ guess: 'slice_content', cause: alike }, cause);
    this.#compareOrder(reading, cause);
  }

  /** Content alone tells what caused a call. That is support for what order says, not for what content says itself. */
  #supported(client: ExchangeNode, reading: Reading, cause: ExchangeNode): void {
    if (reading.basis === 'content') this.#compareOrder(reading, cause);
    else this.known(client, reading, cause);
  }

  #compareOrder({ inOrder, last }: Reading, cause: ExchangeNode): void {
    if (inOrder) this.#compare({ guess: 'slice_order', cause: inOrder }, cause);
    if (last) this.#compare({ guess: 'slice_last', cause: last }, cause);
  }

  checked(process: Process, guess: Guess, right: boolean): void {
    this.#trust.checked(process, guess, right);
    const deferred = this.#deferred.get(process);
    if (deferred === undefined || (right && !this.#trust.earned(process, guess))) return;
    const ofOthers = deferred.filter((other) => other.guess !== guess);
    if (ofOthers.length === deferred.length) return;
    this.#deferred.set(process, ofOthers);
    if (!right) return;
    for (const { client, cause, guess: own } of deferred)
      if (own === guess && client.cause === undefined) this.#sink.linked(client, cause, 'slice', true);
  }

  /** What waits to be believed will not be. */
  forget(process: Process): void {
    this.#deferred.delete(process);
  }

  #compare({ guess, cause }: Guessed, known: ExchangeNode): void {
    this.checked(known.exchange.process, guess, cause === known);
  }

  #isBelieved(client: ExchangeNode, { guess, cause, byContent }: Guessed): boolean {
    if (this.#trust.earned(cause.exchange.process, guess)) return true;
    return byContent === true && this.#asksAlone(client, cause);
  }

  /** Of all requests open then, this one alone asked for what the call asks for. */
  #asksAlone(client: ExchangeNode, cause: ExchangeNode): boolean {
    return this.#alikeTo(client).only === cause;
  }

  #alikeTo(client: ExchangeNode): Alike {
    return client.alike ?? NONE;
  }

  #defer(client: ExchangeNode, { guess, cause }: Guessed): void {
    const { process } = cause.exchange;
    const list = this.#deferred.get(process);
    if (list) {
      list.push({ client, guess, cause });
      if (list.length > MAX_DEFERRED) list.shift();
    } else this.#deferred.set(process, [{ client, guess, cause }]);
  }
}

function sliceOf({ assumesOrder, basis }: Reading): Guess {
  if (assumesOrder) return 'slice_order';
  return basis === 'content' ? 'slice_content' : 'slice';
}

/** What can be said of a call, each to be believed or not; those that are must agree. */
function guessesOf(reading: Reading, alike: ExchangeNode | undefined): readonly Guessed[] {
  const { basis, candidates, complete, inOrder, last } = reading;
  const [first] = candidates;
  const guesses: Guessed[] = [];
  if (first && (basis === 'alone' || basis === 'content'))
    guesses.push({ guess: sliceOf(reading), cause: first, byContent: true });
  else {
    if (inOrder) guesses.push({ guess: 'slice_order', cause: inOrder });
    if (last) guesses.push({ guess: 'slice_last', cause: last });
  }
  if (alike && (!complete || alike !== first)) guesses.push({ guess: 'slice_content', cause: alike });
  return guesses;
}

function whyNot({ complete, candidates }: Reading, guesses: readonly Guessed[]) {
  if (guesses.length > 0) return 'not_earned';
  return complete || candidates.length > 1 ? 'several_candidates' : 'others_possible';
}
