import type { Clock, Nanos, Timer } from '../../collector/clock.ts';
import type { ExchangeNode } from '../node.ts';
import { rendezvousName } from './name.ts';
import type { Rendezvous } from './rendezvous.ts';

export interface PromisesOptions {
  readonly clock: Clock;
  readonly store: Rendezvous;
  readonly decisionWait: Nanos;
}

/** By then the other end of a call has been seen, if this pipeline sees it. */
const LONGEST_DELAY: Nanos = 100e6;

/** Promises to decide about calls whose other end does not show here. */
export class Promises {
  readonly #options: PromisesOptions;
  readonly #delay: Nanos;
  #waiting: { readonly call: ExchangeNode; readonly due: Nanos }[] = [];
  #timer: Timer | undefined;

  constructor(options: PromisesOptions) {
    this.#options = options;
    // Early enough for who asks when the other end could leave.
    this.#delay = Math.min(LONGEST_DELAY, options.decisionWait / 4);
  }

  add(call: ExchangeNode): void {
    this.#waiting.push({ call, due: this.#options.clock.now() + this.#delay });
    this.#later();
  }

  #later(): void {
    const [first] = this.#waiting;
    if (this.#timer || !first) return;
    // All of one delay go together.
    this.#timer = this.#options.clock.setTimer(first.due + this.#delay / 4, () => {
      this.#timer = undefined;
      this.#promise();
      this.#later();
    });
  }

  #promise(): void {
    const now = this.#options.clock.now();
    const later = this.#waiting.findIndex(({ due }) => due > now);
    const due = this.#waiting.splice(0, later < 0 ? this.#waiting.length : later);
    for (const { call } of due)
      if (!call.peer && !call.discarded && !call.frozen)
        this.#options.store.promise(rendezvousName(call.exchange));
  }
}
