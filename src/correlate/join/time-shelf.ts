import { MILLISECOND, type Nanos } from '../../collector/clock.ts';
import { Groups } from '../groups.ts';
import type { ExchangeNode } from '../node.ts';

const STEP: Nanos = 16 * MILLISECOND;

/** Exchanges by when they started, so that a look around a moment does not go through all of them. */
export class TimeShelf {
  /** As long as it is alone: most shelves are of a connection that had one exchange lately. */
  #only: ExchangeNode | undefined;
  #steps: Groups<number, ExchangeNode> | undefined;

  get empty(): boolean {
    return this.#only === undefined && !this.#steps?.size;
  }

  add(node: ExchangeNode): void {
    if (this.empty) {
      this.#only = node;
      return;
    }
    this.#steps ??= new Groups();
    if (this.#only) this.#steps.add(stepOf(this.#only.start), this.#only);
    this.#only = undefined;
    this.#steps.add(stepOf(node.start), node);
  }

  /** False if it was not there. */
  remove(node: ExchangeNode): boolean {
    if (this.#only === node) {
      this.#only = undefined;
      return true;
    }
    if (!this.#steps?.delete(stepOf(node.start), node)) return false;
    if (this.#steps.size === 1) this.#maybeAlone(this.#steps);
    return true;
  }

  #maybeAlone(steps: Groups<number, ExchangeNode>): void {
    const [step] = steps.keys();
    if (steps.count(step!) > 1) return;
    this.#only = steps.first(step!);
    this.#steps = undefined;
  }

  /** Those that started between the two times and perhaps some just outside, the latest 16 ms first. */
  *between(from: Nanos, to: Nanos): Iterable<ExchangeNode> {
    const first = stepOf(from);
    const last = stepOf(to);
    const isBetween = (step: number) => step >= first && step <= last;
    const steps = this.#steps;
    if (this.#only) {
      if (isBetween(stepOf(this.#only.start))) yield this.#only;
    } else if (steps === undefined) return;
    else if (last - first > steps.size) {
      for (const step of steps.keys()) if (isBetween(step)) yield* steps.of(step);
    } else for (let step = last; step >= first; step--) yield* steps.of(step);
  }
}

function stepOf(at: Nanos): number {
  return Math.floor(at / STEP);
}
