import type { Counter, Counters } from '../../collector/counters.ts';

/** What became of a question after the caller's side; `undecided`: it was promised and not decided in time. */
export type Outcome = 'decided' | 'unknown' | 'undecided' | 'unavailable' | 'too_late';

/** What the processor named `id` counts of its rendezvous. */
export class RendezvousCounters {
  /** Calls whose place in a trace was put into the store. */
  readonly told: Counter;
  /** What was kept too long or too much of. */
  readonly evicted: Counter;
  readonly #counters: Counters;
  readonly #id: string;

  constructor(counters: Counters, id: string) {
    this.#counters = counters;
    this.#id = id;
    this.told = this.#counter('told');
    this.evicted = this.#counter('evicted');
  }

  answers(outcome: Outcome): Counter {
    return this.#counter('answers', { outcome });
  }

  /** Questions and messages that did not reach the store. */
  failures(operation: 'ask' | 'tell'): Counter {
    return this.#counter('failures', { operation });
  }

  #counter(name: string, more: Record<string, string> = {}): Counter {
    return this.#counters.counter(`spanloom_correlate_rendezvous_${name}`, { processor: this.#id, ...more });
  }
}
