import type { Process } from '../../receiver/ebpf/exchange.ts';
import type { Runtime } from '../../receiver/ebpf/process/facts.ts';
import type { Evidence } from './rule.ts';

/** Runtimes that move work between threads, or many requests over one thread, by schedules of their own. */
const SCHEDULES_ITSELF: ReadonlySet<Runtime> = new Set(['node', 'go', 'dotnet', 'tokio']);

/** CPython is a thread-per-request host until it runs an event loop, which shows as interleaving; its loops resume tasks in
 * an order of their own, so that slices say nothing. */
const NO_SLICES: ReadonlySet<Runtime> = new Set(['python']);

/** Ruby hands its interpreter lock on by the same waits as results. */
const NO_COMPLETION_WAKES: ReadonlySet<Runtime> = new Set(['ruby']);

/** Checks in a row that must have been right before a process's unchecked links are believed. */
const EARNED_AFTER = 16;
/** Each check that was wrong asks for this many times more. */
const DEARER = 4;
const DEAREST = EARNED_AFTER * DEARER ** 4;

/**
 * What trust is kept in: kinds of evidence; and among slices, that calls follow the order of reads (`slice_order`), are
 * about what was read last (`slice_last`), or ask for what the request asked for (`slice_content`).
 */
export type Guess = Evidence | 'slice_order' | 'slice_last' | 'slice_content';

/** What is known of how well kinds of evidence that guess from order do in one process. */
interface Record {
  right: number;
  wrong: number;
}

/**
 * Who may use evidence that guesses from order: off where a runtime schedules work of its own, elsewhere earned by
 * links that something independent could check.
 */
export class Trust {
  readonly #records = new WeakMap<Process, Map<Guess, Record>>();

  allowed(process: Process, evidence: 'thread' | 'response_writer' | 'completion_wake' | 'slice'): boolean {
    const { runtime } = process.facts;
    if (SCHEDULES_ITSELF.has(runtime)) return false;
    if (evidence === 'slice') return !NO_SLICES.has(runtime);
    return evidence !== 'completion_wake' || !NO_COMPLETION_WAKES.has(runtime);
  }

  /** An independent word agreed or disagreed with this evidence. One disagreement and it has to be earned anew. */
  checked(process: Process, evidence: Guess, right: boolean): void {
    const record = this.#record(process, evidence);
    if (right) record.right++;
    else {
      record.wrong++;
      record.right = 0;
    }
  }

  /** The last checks of this evidence in this process were all right, and there were enough of them. */
  earned(process: Process, evidence: Guess): boolean {
    const { right, wrong } = this.#record(process, evidence);
    return right >= Math.min(EARNED_AFTER * DEARER ** wrong, DEAREST);
  }

  /**
   * Something independent has contradicted it in this process, and has not agreed often enough since. A slice says itself
   * what it rests on and what it needs to be believed.
   */
  doubted(process: Process, evidence: Guess): boolean {
    if (evidence === 'slice') return false;
    const record = this.#records.get(process)?.get(evidence);
    return record !== undefined && record.wrong > 0 && !this.earned(process, evidence);
  }

  #record(process: Process, evidence: Guess): Record {
    let records = this.#records.get(process);
    if (!records) {
      records = new Map();
      this.#records.set(process, records);
    }
    let record = records.get(evidence);
    if (!record) {
      record = { right: 0, wrong: 0 };
      records.set(evidence, record);
    }
    return record;
  }
}
