import type { Clock, Nanos } from '../../collector/clock.ts';
import type { Peer } from '../../otlp/batch.ts';
import type { TracesScan } from '../../otlp/traces-scan.ts';
import { DueQueue } from '../due-queue.ts';
import { LATE_GATHER, RELEASE_STEP } from '../forest.ts';
import type { CorrelateOptions } from '../options.ts';
import type { Place } from './blocks.ts';
import { forgetRecords, SdkTrace, type WriteSpan } from './sdk-trace.ts';
import { SpanRecords } from './span-records.ts';

/** A request, and where it was copied to once a span of it is held. */
export interface Delivery {
  readonly body: Uint8Array;
  readonly scan: TracesScan;
  readonly peer: Peer | undefined;
  place: Place | undefined;
}

/**
 * The traces of which only SDKs tell: held, and remembered after they have left, as trees of the forest are, yet as the
 * bytes they came in. Most spans of a gateway are such.
 */
export class SdkTraces {
  readonly #clock: Clock;
  readonly #options: CorrelateOptions;
  readonly #records: SpanRecords;
  /** Those of which something is still to leave, in the order they began to be held. */
  readonly #held = new Map<string, SdkTrace>();
  /** The first records of those that have left, in the order they did. */
  readonly #left = new Map<string, number>();
  /** By the time from which a look at them is worth it: spans that come since only move it away. */
  readonly #due = new DueQueue<SdkTrace>(RELEASE_STEP);
  #size = 0;
  #bytes = 0;

  constructor(clock: Clock, options: CorrelateOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#records = new SpanRecords(clock.epochUnixNano);
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
    return this.#held.values();
  }

  nextDue(): Nanos | undefined {
    return this.#due.nextDue();
  }

  /** Of a trace that only SDKs tell of. */
  fate(traceId: string): 'unknown' | 'open' | 'left' {
    const held = this.#held.get(traceId);
    if (held) return held.released ? 'left' : 'open';
    return this.#left.has(traceId) ? 'left' : 'unknown';
  }

  /** Both ids of the span are valid. */
  add(traceId: string, delivery: Delivery, row: number): 'held' | 'late' | 'duplicate' {
    const now = this.#clock.now();
    const trace = this.#held.get(traceId) ?? this.#hold(traceId, now);
    if (trace.has(delivery.scan, row)) return 'duplicate';
    delivery.place ??= this.#records.keep(delivery.body);
    this.#bytes -= trace.bytes;
    trace.add(delivery.scan, row, delivery.place, delivery.peer);
    this.#bytes += trace.bytes;
    this.#size++;
    trace.settledAt = now;
    if (trace.waiting === 1) {
      this.#held.set(traceId, trace);
      this.#left.delete(traceId);
      this.#due.set(trace, this.#dueAt(trace));
    }
    return trace.released ? 'late' : 'held';
  }

  /** Those that are due at `now`; what is too old to be remembered is forgotten on the way. */
  takeDue(now: Nanos): SdkTrace[] {
    const due: SdkTrace[] = [];
    for (const trace of this.#due.take(now)) {
      const dueAt = this.#dueAt(trace);
      if (dueAt <= now) {
        due.push(trace);
        continue;
      }
      if (dueAt - now > this.#options.decisionWait / 2) trace.copyOut();
      this.#due.set(trace, dueAt);
    }
    this.forgetWhile((first) => this.#records.leftAt(first) + this.#options.lateWindow <= now);
    return due;
  }

  /** The spans held leave; from now on they are remembered. */
  release(trace: SdkTrace, write: WriteSpan): void {
    this.#due.delete(trace);
    this.#held.delete(trace.id);
    this.#bytes -= trace.bytes;
    this.#left.set(trace.id, trace.leave(this.#clock.now(), write));
  }

  /** Takes the trace out: nothing is known of it here any more once `forget` was called on it. */
  take(traceId: string): SdkTrace | undefined {
    const left = this.#left.get(traceId);
    const trace =
      left === undefined
        ? this.#held.get(traceId)
        : new SdkTrace(traceId, this.#records, this.#records.leftAt(left), left);
    if (trace === undefined) return undefined;
    this.#due.delete(trace);
    this.#held.delete(traceId);
    this.#left.delete(traceId);
    this.#size -= trace.size;
    this.#bytes -= trace.bytes;
    return trace;
  }

  /** Forgets those that left first, as long as `goOn` says so of the first record of the next. */
  forgetWhile(goOn: (first: number) => boolean): void {
    for (const [traceId, first] of this.#left) {
      if (!goOn(first)) return;
      this.#left.delete(traceId);
      this.#size -= forgetRecords(this.#records, first);
    }
  }

  /** Begins to hold a trace, again where some of it has left. */
  #hold(traceId: string, now: Nanos): SdkTrace {
    return new SdkTrace(traceId, this.#records, now, this.#left.get(traceId));
  }

  #dueAt(trace: SdkTrace): Nanos {
    if (trace.released) return trace.settledAt + LATE_GATHER;
    const { maxAge, decisionWait } = this.#options;
    return Math.min(trace.heldSince + maxAge, trace.settledAt + decisionWait);
  }
}
