import { LastOutcomes } from './last-outcomes.ts';
import { wilson } from './wilson.ts';

/** How often a kind of evidence must have been judged before that says anything. */
const FEWEST = 20;

/** Right: it named the true cause; wrong: another; missing: none. */
export type Judgement = 'right' | 'wrong' | 'missing';

/**
 * How right one kind of evidence was lately in one service, and whether it may still link there.
 *
 * It goes off when its precision is under the bar: over a full window as it is, before that where not even the upper end of
 * the 95 % interval reaches the bar. It comes back the same way: over a full window, or when the lower end does.
 */
export class TrackRecord {
  readonly #bar: number;
  /** Of what it said: right or not. */
  readonly #said: LastOutcomes;
  /** Of all that was judged: found or not. */
  readonly #judged: LastOutcomes;
  off = false;

  constructor(bar: number, window: number) {
    this.#bar = bar;
    this.#said = new LastOutcomes(window);
    this.#judged = new LastOutcomes(window);
  }

  /** NaN while it said nothing. */
  get precision(): number {
    return this.#said.share;
  }

  get recall(): number {
    return this.#judged.share;
  }

  /** @returns what its last words were like, if this switched it off or on */
  add(judgement: Judgement): { readonly precision: number; readonly judged: number } | undefined {
    this.#judged.add(judgement === 'right');
    if (judgement === 'missing') return undefined;
    this.#said.add(judgement === 'right');
    if (this.#said.count < FEWEST || this.off !== this.#passes()) return undefined;
    const { share: precision, count: judged } = this.#said;
    this.off = !this.off;
    if (this.off) this.#said.clear();
    return { precision, judged };
  }

  #passes(): boolean {
    const { full, share, successes, count } = this.#said;
    if (full) return share >= this.#bar;
    const { lower, upper } = wilson(successes, count);
    return (this.off ? lower : upper) >= this.#bar;
  }
}
