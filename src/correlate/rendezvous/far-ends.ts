import type { Clock, Nanos } from '../../collector/clock.ts';
import type { ExchangeNode } from '../node.ts';
import type { Tree } from '../tree.ts';
import { canMeet, rendezvousName } from './name.ts';
import { Promises } from './promises.ts';
import type { Answer, FarParent, Rendezvous } from './rendezvous.ts';
import type { RendezvousCounters } from './rendezvous-counters.ts';

/** Has been asked for, and is not known yet. */
export interface Question {
  readonly since: Nanos;
  /** On its way to the store. */
  asking: boolean;
  /** How often, one after the other, the store could not be asked. */
  failures: number;
}

/** What is known of the caller's side of a request that another pipeline may see. */
export type Far = FarParent | Question | 'unknown';

export interface FarEndsOptions {
  readonly clock: Clock;
  readonly store: Rendezvous;
  readonly counters: RendezvousCounters;
  /** How long a request waits for who follows its caller's side, from when it could have left. */
  readonly wait: Nanos;
  /** How long traces are held at least: by then a call has been promised. */
  readonly decisionWait: Nanos;
  /** An answer has come. */
  answered(node: ExchangeNode, parent: FarParent | undefined): void;
}

/** How often who has promised to decide is asked again. */
export const ASK_AGAIN: Nanos = 250e6;
/** What was not answered so often is not asked again: a store that is slow for a moment costs no link. */
const MOST_FAILURES = 3;

/** Exchanges whose other ends other pipelines see: says what becomes of calls, and asks what became of requests' callers. */
export class FarEnds {
  readonly #options: FarEndsOptions;
  readonly #promises: Promises;

  constructor(options: FarEndsOptions) {
    this.#options = options;
    this.#promises = new Promises(options);
  }

  began(node: ExchangeNode): void {
    if (node.exchange.side === 'client' && canMeet(node.exchange)) this.#promises.add(node);
  }

  /** A call's ids and parent are final. */
  decided(call: ExchangeNode, sampledOut: boolean): void {
    if (call.peer || !canMeet(call.exchange)) return;
    this.#options.counters.told.value++;
    this.#options.store.decide(rendezvousName(call.exchange), shownFor(call, sampledOut));
  }

  /**
   * Asks for the callers of a tree that could leave. False: nothing has to be waited for.
   *
   * @param wait how long a question may be open
   */
  waits(tree: Tree, wait: Nanos = this.#options.wait): boolean {
    const asked = new Map<string, ExchangeNode>();
    for (const node of tree.nodes) if (node.type === 'exchange') this.#question(node, wait, asked);
    if (asked.size > 0)
      this.#options.store.ask([...asked.keys()], (name, answer) => this.#answered(asked.get(name)!, answer));
    return tree.nodes.some((node) => node.type === 'exchange' && isWaiting(node));
  }

  #question(node: ExchangeNode, wait: Nanos, asked: Map<string, ExchangeNode>): void {
    if (node.exchange.side !== 'server' || node.peer || node.frozen || !canMeet(node.exchange)) return;
    const now = this.#options.clock.now();
    node.far ??= { since: now, asking: false, failures: 0 };
    const { far } = node;
    if (!isQuestion(far)) return;
    if (now - far.since >= wait) {
      node.far = 'unknown';
      this.#options.counters.answers('undecided').value++;
      return;
    }
    if (far.asking) return;
    far.asking = true;
    asked.set(rendezvousName(node.exchange), node);
  }

  #answered(node: ExchangeNode, answer: Answer): void {
    const { far } = node;
    if (!isQuestion(far)) return;
    far.asking = false;
    if (answer === 'promised') far.failures = 0;
    if (answer === 'promised' || (answer === 'unavailable' && ++far.failures < MOST_FAILURES)) return;
    const { counters, answered } = this.#options;
    if (node.frozen) {
      counters.answers('too_late').value++;
      return;
    }
    if (typeof answer === 'string') {
      counters.answers(answer).value++;
      node.far = 'unknown';
      answered(node, undefined);
      return;
    }
    counters.answers('decided').value++;
    node.far = answer;
    answered(node, answer);
  }
}

/** Somebody has promised to say where its caller is. */
export function isWaiting(node: ExchangeNode): boolean {
  return isQuestion(node.far) && !node.peer;
}

export function farParent(node: ExchangeNode): FarParent | undefined {
  const { far } = node;
  return far === undefined || far === 'unknown' || isQuestion(far) || node.peer ? undefined : far;
}

function isQuestion(far: Far | undefined): far is Question {
  return typeof far === 'object' && 'since' in far;
}

/** What a callee hangs under on another host, as it would on this one. */
function shownFor({ frozen, sdk, spanId }: ExchangeNode, sampledOut: boolean): FarParent {
  const { traceId, parentSpanId, silent } = frozen!;
  if (!silent) return { traceId, spanId, sampled: true };
  if (sdk?.frozen) return { traceId: sdk.frozen.traceId, spanId: sdk.spanId, sampled: true };
  return { traceId, spanId: parentSpanId, sampled: !sampledOut };
}
