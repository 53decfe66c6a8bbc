import type { Nanos } from '../collector/clock.ts';

interface Entry<T> {
  readonly due: Nanos;
  readonly item: T;
}

/**
 * Items by the time they fall due: a binary heap in which an item may stand more than once. The caller checks whether
 * what comes out is still due, which is cheaper than moving entries at every change.
 */
export class DueQueue<T> {
  readonly #heap: Entry<T>[] = [];

  get size(): number {
    return this.#heap.length;
  }

  nextDue(): Nanos | undefined {
    return this.#heap[0]?.due;
  }

  add(item: T, due: Nanos): void {
    const heap = this.#heap;
    let i = heap.length;
    const entry = { due, item };
    heap.push(entry);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (heap[parent]!.due <= due) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = entry;
  }

  /** Removes and returns the item longest due at `now`. */
  take(now: Nanos): T | undefined {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined || first.due > now) return undefined;
    const last = heap.pop()!;
    if (heap.length > 0) {
      let i = 0;
      for (;;) {
        let child = 2 * i + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && heap[child + 1]!.due < heap[child]!.due) child++;
        if (heap[child]!.due >= last.due) break;
        heap[i] = heap[child]!;
        i = child;
      }
      heap[i] = last;
    }
    return first.item;
  }
}
