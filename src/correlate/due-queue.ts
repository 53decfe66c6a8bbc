import type { Nanos } from '../collector/clock.ts';

/** What can stand in a `DueQueue`, once. The queue keeps its place there. */
export interface Due {
  /** When it falls due; only the queue writes it while the item stands in it. */
  due: Nanos;
  /** Index in the heap, -1 while it does not stand in a queue. */
  queued: number;
}

/** Items by the time they fall due: a binary heap whose items know their place, so that they can be moved and taken out. */
export class DueQueue<T extends Due> {
  readonly #heap: T[] = [];

  get size(): number {
    return this.#heap.length;
  }

  nextDue(): Nanos | undefined {
    return this.#heap[0]?.due;
  }

  /** Puts the item in, or moves it. An item that is never due is taken out. */
  set(item: T, due: Nanos): void {
    if (due === Number.POSITIVE_INFINITY) {
      this.delete(item);
      return;
    }
    item.due = due;
    if (item.queued < 0) {
      item.queued = this.#heap.length;
      this.#heap.push(item);
    }
    this.#up(item);
    this.#down(item);
  }

  delete(item: T): void {
    const at = item.queued;
    if (at < 0) return;
    item.queued = -1;
    const last = this.#heap.pop()!;
    if (last === item) return;
    this.#place(last, at);
    this.#up(last);
    this.#down(last);
  }

  /** Removes and returns the item longest due at `now`. */
  take(now: Nanos): T | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.due > now) return undefined;
    this.delete(first);
    return first;
  }

  #up(item: T): void {
    while (item.queued > 0) {
      const at = item.queued;
      const parent = this.#heap[(at - 1) >> 1]!;
      if (parent.due <= item.due) return;
      this.#place(item, parent.queued);
      this.#place(parent, at);
    }
  }

  #down(item: T): void {
    for (;;) {
      const at = item.queued;
      const left = this.#heap[2 * at + 1];
      if (left === undefined) return;
      const right = this.#heap[2 * at + 2];
      const child = right !== undefined && right.due < left.due ? right : left;
      if (child.due >= item.due) return;
      this.#place(item, child.queued);
      this.#place(child, at);
    }
  }

  #place(item: T, at: number): void {
    this.#heap[at] = item;
    item.queued = at;
  }
}
