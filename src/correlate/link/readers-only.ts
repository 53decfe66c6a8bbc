import type { Process, Thread } from '../../receiver/ebpf/exchange.ts';
import type { PerThread, ThreadNotes } from './thread-notes.ts';

/** Requests that other threads answered before the thread that read them counts as one that only reads. */
const SHOWN_AFTER = 4;

/**
 * Threads that take up several requests at a time: event loops, where nothing of the process is a thread's own work, or
 * threads that only read for others (Puma's reactor), beside which the others serve one request each. A thread counts as
 * the latter once enough of what it read was answered by others, as long as it never called or answered itself.
 */
export class ReadersOnly {
  readonly #interleavers: PerThread<true>;
  readonly #workers: PerThread<true>;
  /** How many requests that the thread had read were answered by another. */
  readonly #passedOn: PerThread<number>;
  /** Processes in which an interleaving thread called or answered. */
  readonly #sharing = new WeakSet<Process>();
  /** Interleaving threads of which it is not known yet. */
  readonly #undecided = new WeakMap<Process, Set<Thread>>();

  constructor(threads: ThreadNotes) {
    this.#interleavers = threads.place();
    this.#workers = threads.place();
    this.#passedOn = threads.place();
  }

  interleaves(thread: Thread): void {
    const { process } = thread;
    this.#interleavers.set(thread, true);
    if (this.#workers.has(thread)) this.#sharing.add(process);
    if (this.#sharing.has(process) || this.#onlyReads(thread)) return;
    const undecided = this.#undecided.get(process);
    if (undecided) undecided.add(thread);
    else this.#undecided.set(process, new Set([thread]));
  }

  /** It called, or wrote to a client. */
  works(thread: Thread): void {
    this.#workers.set(thread, true);
    if (this.#interleavers.has(thread)) this.#sharing.add(thread.process);
  }

  answers(thread: Thread, readBy: Thread): void {
    this.works(thread);
    if (thread === readBy) return;
    this.#passedOn.set(readBy, (this.#passedOn.get(readBy) ?? 0) + 1);
    if (this.#onlyReads(readBy)) this.#undecided.get(readBy.process)?.delete(readBy);
  }

  /** What is active on the thread need not be its work. */
  shares(thread: Thread): boolean {
    const { process } = thread;
    if (this.#interleavers.has(thread) || this.#sharing.has(process)) return true;
    return (this.#undecided.get(process)?.size ?? 0) > 0;
  }

  #onlyReads(thread: Thread): boolean {
    return !this.#workers.has(thread) && (this.#passedOn.get(thread) ?? 0) >= SHOWN_AFTER;
  }
}
