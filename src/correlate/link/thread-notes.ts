import type { Thread } from '../../receiver/ebpf/exchange.ts';

/**
 * What the link rules know of threads. There can be as many threads as open requests, and looking into a table of each
 * rule's own would cost as much each time: here a thread is looked up once, and each rule has a place in what is found.
 */
export class ThreadNotes {
  readonly #notes = new WeakMap<Thread, unknown[]>();
  #places = 0;
  /** Looked up last: what happens next on a thread is asked about by one rule after the other. */
  #thread: Thread | undefined;
  #ofThread: unknown[] | undefined;

  /** A place for one thing to know of each thread. */
  place<T extends object | number | true>(): PerThread<T> {
    return new PerThread(this, this.#places++);
  }

  /** @internal */
  of(thread: Thread): unknown[] {
    if (this.#thread === thread) return this.#ofThread!;
    let notes = this.#notes.get(thread);
    if (!notes) {
      notes = new Array<unknown>(this.#places).fill(undefined);
      this.#notes.set(thread, notes);
    }
    this.#thread = thread;
    this.#ofThread = notes;
    return notes;
  }
}

/** One thing that is known of each thread, as long as that lives. */
export class PerThread<T extends object | number | true> {
  readonly #notes: ThreadNotes;
  readonly #place: number;

  constructor(notes: ThreadNotes, place: number) {
    this.#notes = notes;
    this.#place = place;
  }

  has(thread: Thread): boolean {
    return this.get(thread) !== undefined;
  }

  get(thread: Thread): T | undefined {
    return this.#notes.of(thread)[this.#place] as T | undefined;
  }

  set(thread: Thread, value: T): void {
    this.#notes.of(thread)[this.#place] = value;
  }

  delete(thread: Thread): void {
    this.#notes.of(thread)[this.#place] = undefined;
  }
}
