import { MILLISECOND, type Nanos } from '../../collector/clock.ts';
import type { ExchangeNode } from '../node.ts';

const STEP: Nanos = 16 * MILLISECOND;

/** Exchanges by when they started, so that a look around a moment does not go through all of them. */
export class TimeShelf {
  readonly #steps = new Map<number, Set<ExchangeNode>>();

  get empty(): boolean {
    return this.#steps.size === 0;
  }

  add(node: ExchangeNode): void {
    const step = stepOf(node.start);
    const nodes = this.#steps.get(step);
    if (nodes) nodes.add(node);
    else this.#steps.set(step, new Set([node]));
  }

  /** False if it was not there. */
  remove(node: ExchangeNode): boolean {
    const step = stepOf(node.start);
    const nodes = this.#steps.get(step);
    if (!nodes?.delete(node)) return false;
    if (nodes.size === 0) this.#steps.delete(step);
    return true;
  }

  /** Those that started between the two times and perhaps some just outside, the latest 16 ms first. */
  *between(from: Nanos, to: Nanos): Iterable<ExchangeNode> {
    const first = stepOf(from);
    const last = stepOf(to);
    if (last - first > this.#steps.size) {
      for (const [step, nodes] of this.#steps) if (step >= first && step <= last) yield* nodes;
      return;
    }
    for (let step = last; step >= first; step--) {
      const nodes = this.#steps.get(step);
      if (nodes) yield* nodes;
    }
  }
}

function stepOf(at: Nanos): number {
  return Math.floor(at / STEP);
}
