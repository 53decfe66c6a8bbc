import type { Nanos } from '../collector/clock.ts';

/** What can stand in a `DueQueue`, in one at a time. */
export interface Due {
  /** The step it stands in, -1 while it stands in none. Only the queue writes it. */
  queued: number;
}

/**
 * Items by the time they fall due, in steps: moving an item costs as much however many others wait. There are as many
 * steps as different times to wait for, not as many as items.
 */
export class DueQueue<T extends Due> {
  readonly #step: Nanos;
  readonly #items = new Map<number, Set<T>>();
  /** Ascending; some of which nothing is left. */
  readonly #steps: number[] = [];

  /** @param step what falls due within one falls due at its end */
  constructor(step: Nanos) {
    this.#step = step;
  }

  nextDue(): Nanos | undefined {
    for (let first = this.#steps[0]; first !== undefined; first = this.#steps[0]) {
      if (this.#items.has(first)) return first * this.#step;
      this.#steps.shift();
    }
    return undefined;
  }

  /** Puts the item in, or moves it. An item that is never due is taken out. */
  set(item: T, due: Nanos): void {
    const step = due === Number.POSITIVE_INFINITY ? -1 : Math.max(0, Math.ceil(due / this.#step));
    if (step === item.queued) return;
    this.delete(item);
    if (step < 0) return;
    item.queued = step;
    const items = this.#items.get(step);
    if (items) items.add(item);
    else {
      this.#items.set(step, new Set([item]));
      this.#addStep(step);
    }
  }

  delete(item: T): void {
    const items = this.#items.get(item.queued);
    if (items?.delete(item) && items.size === 0) this.#items.delete(item.queued);
    item.queued = -1;
  }

  /** Removes and returns all that are due at `now`, the longest due first. */
  take(now: Nanos): T[] {
    const taken: T[] = [];
    for (let due = this.nextDue(); due !== undefined && due <= now; due = this.nextDue()) {
      const step = this.#steps[0]!;
      for (const item of this.#items.get(step)!) {
        item.queued = -1;
        taken.push(item);
      }
      this.#items.delete(step);
    }
    return taken;
  }

  /** What is set is due later than most that waits. */
  #addStep(step: number): void {
    let at = this.#steps.length;
    while (at > 0 && this.#steps[at - 1]! > step) at--;
    if (this.#steps[at - 1] !== step) this.#steps.splice(at, 0, step);
  }
}
