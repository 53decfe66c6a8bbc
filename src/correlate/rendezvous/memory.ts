import type { Clock, Nanos } from '../../collector/clock.ts';
import type { Counter } from '../../collector/counters.ts';
import type { Answer, FarParent, Rendezvous } from './rendezvous.ts';

interface Entry {
  readonly name: string;
  readonly answer: FarParent | 'promised';
  /** By the clock of who wrote it. */
  readonly expires: Nanos;
}

/** What pipelines of one process share. */
export class MeetingPlace {
  readonly entries = new Map<string, Entry>();
  users = 0;
}

export interface MemoryRendezvousOptions {
  readonly place: MeetingPlace;
  readonly clock: Clock;
  /** How long a promise and a decision are kept. */
  readonly promiseTtl: Nanos;
  readonly ttl: Nanos;
  /** Calls kept at a time, by all who share the place. */
  readonly maxEntries: number;
  /** Calls that went because there were too many. */
  readonly evicted: Counter;
}

/** One pipeline's access to a place in this process's memory. */
export class MemoryRendezvous implements Rendezvous {
  readonly #options: MemoryRendezvousOptions;
  /** What this pipeline wrote, in the order in which it expires; clocks of others are not compared with. */
  readonly #promises = new Set<Entry>();
  readonly #decisions = new Set<Entry>();

  constructor(options: MemoryRendezvousOptions) {
    this.#options = options;
  }

  open(): void {
    this.#options.place.users++;
  }

  promise(name: string): void {
    const { place, clock, promiseTtl } = this.#options;
    if (place.entries.has(name)) return;
    this.#put({ name, answer: 'promised', expires: clock.now() + promiseTtl }, this.#promises);
  }

  decide(name: string, answer: FarParent): void {
    const { clock, ttl } = this.#options;
    this.#put({ name, answer, expires: clock.now() + ttl }, this.#decisions);
  }

  ask(names: readonly string[], answered: (name: string, answer: Answer) => void): void {
    const { entries } = this.#options.place;
    for (const name of names) answered(name, entries.get(name)?.answer ?? 'unknown');
  }

  async close(): Promise<void> {
    const { place } = this.#options;
    if (--place.users === 0) place.entries.clear();
  }

  #put(entry: Entry, expiring: Set<Entry>): void {
    const { entries } = this.#options.place;
    const { maxEntries, evicted } = this.#options;
    const before = entries.get(entry.name);
    if (before) this.#promises.delete(before);
    // Moved to the end: the oldest are the first.
    entries.delete(entry.name);
    entries.set(entry.name, entry);
    expiring.add(entry);
    this.#expire(this.#promises);
    this.#expire(this.#decisions);
    for (const name of entries.keys()) {
      if (entries.size <= maxEntries) break;
      entries.delete(name);
      evicted.value++;
    }
  }

  #expire(expiring: Set<Entry>): void {
    const now = this.#options.clock.now();
    const { entries } = this.#options.place;
    for (const entry of expiring) {
      if (entry.expires > now && entries.get(entry.name) === entry) break;
      expiring.delete(entry);
      if (entries.get(entry.name) === entry) entries.delete(entry.name);
    }
  }
}
