import type { Clock, Nanos } from '../../collector/clock.ts';
import { DueQueue } from '../due-queue.ts';
import { LATE_GATHER } from '../forest.ts';
import type { CorrelateOptions } from '../options.ts';
import type { Delivery } from './delivery.ts';
import { SdkTrace } from './sdk-trace.ts';
import { SpanRecords } from './span-records.ts';

/**
 * The traces of which only SDKs tell: held, and remembered after they have left, as trees of the forest are, yet as the
 * bytes they came in. Most spans of a gateway are such.
 */
export class SdkTraces {
  readonly #clock: Clock;
  readonly #options: CorrelateOptions;
  readonly #records = new SpanRecords();
  readonly #traces = new Map<string, SdkTrace>();
  /** By the time from which a look at them is worth it: spans that come since only move it away. */
  readonly #due = new DueQueue<SdkTrace>();
  /** In the order they began to be held. */
  readonly #held = new Set<SdkTrace>();
  /** In the order they left. */
  readonly #remembered = new Set<SdkTrace>();
  #size = 0;
  #bytes = 0;

  constructor(clock: Clock, options: CorrelateOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** Spans held or remembered. */
  get size(): number {
    return this.#size;
  }

  /** Of spans held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Those of which something is still to leave, the longest held first. */
  get held(): Iterable<SdkTrace> {
    return this.#held;
  }

  nextDue(): Nanos | undefined {
    return this.#due.nextDue();
  }

  get(traceId: string): SdkTrace | undefined {
    return this.#traces.get(traceId);
  }

  /** Both ids of the span are valid. */
  add(traceId: string, delivery: Delivery, row: number): 'held' | 'late' | 'duplicate' {
    const now = this.#clock.now();
    let trace = this.#traces.get(traceId);
    if (trace === undefined) {
      trace = new SdkTrace(traceId, this.#records, now);
      this.#traces.set(traceId, trace);
    } else if (trace.has(delivery.scan, row)) return 'duplicate';
    const before = trace.bytes;
    trace.add(delivery, row);
    trace.settledAt = now;
    this.#bytes += trace.bytes - before;
    this.#size++;
    if (trace.waiting === 1) {
      trace.heldSince = now;
      this.#remembered.delete(trace);
      this.#held.add(trace);
      this.#due.set(trace, this.#dueAt(trace));
    }
    return trace.released ? 'late' : 'held';
  }

  /** Those that are due at `now`; what is too old to be remembered is forgotten on the way. */
  takeDue(now: Nanos): SdkTrace[] {
    const due: SdkTrace[] = [];
    for (let trace = this.#due.take(now); trace; trace = this.#due.take(now)) {
      const dueAt = this.#dueAt(trace);
      if (dueAt <= now) {
        due.push(trace);
        continue;
      }
      if (dueAt - now > this.#options.decisionWait / 2) trace.copyOut();
      this.#due.set(trace, dueAt);
    }
    for (const trace of this.#remembered) {
      if (trace.heldSince + this.#options.lateWindow > now) break;
      this.forget(trace);
    }
    return due;
  }

  /** The spans held have left; from now on they are remembered. */
  released(trace: SdkTrace): void {
    this.#bytes -= trace.bytes;
    trace.leave(this.#clock.epochUnixNano);
    trace.heldSince = this.#clock.now();
    this.#due.delete(trace);
    this.#held.delete(trace);
    this.#remembered.add(trace);
  }

  /** The trace is none of these any more; nothing is known of it. */
  forget(trace: SdkTrace): void {
    this.#due.delete(trace);
    this.#held.delete(trace);
    this.#remembered.delete(trace);
    this.#traces.delete(trace.id);
    this.#size -= trace.size;
    this.#bytes -= trace.bytes;
    trace.forget();
  }

  /** Forgets the one that left first. False where nothing is remembered. */
  forgetOldest(): boolean {
    for (const trace of this.#remembered) {
      this.forget(trace);
      return true;
    }
    return false;
  }

  #dueAt(trace: SdkTrace): Nanos {
    if (trace.released) return trace.settledAt + LATE_GATHER;
    const { maxAge, decisionWait } = this.#options;
    return Math.min(trace.heldSince + maxAge, trace.settledAt + decisionWait);
  }
}
