import type { Clock, Nanos, Timer } from '../../collector/clock.ts';
import type { Counter } from '../../collector/counters.ts';
import type { Correlator } from '../../correlate/correlator.ts';
import type { Batch } from '../../otlp/batch.ts';
import { OtlpBatch } from '../../otlp/batch.ts';
import { type TraceIdPosition, traceIdPositions, withTraceIds } from '../../otlp/trace-id-positions.ts';

/** How often held batches are looked at again. */
const LOOK_EVERY: Nanos = 250e6;

interface Held {
  readonly batch: Batch;
  readonly positions: readonly TraceIdPosition[];
  readonly since: Nanos;
  readonly size: number;
}

export interface HeldBatchesOptions {
  readonly signal: 'logs' | 'metrics';
  readonly clock: Clock;
  /** Undefined while no traces pipeline uses the same component. */
  readonly correlator: () => Correlator | undefined;
  /** How long a trace that nothing is known of is waited for. */
  readonly unknownWait: Nanos;
  readonly maxBytes: number;
  /** Batches that left before their traces were decided, because too much was held. */
  readonly pushedOut: Counter;
  forward(batch: Batch): void;
}

/**
 * Log records and exemplars that name a trace wait until it is decided under which id that trace leaves, and then name
 * that one. Batches that name no trace pass at once.
 */
export class HeldBatches {
  readonly #options: HeldBatchesOptions;
  #held: Held[] = [];
  #bytes = 0;
  #timer: Timer | undefined;

  constructor(options: HeldBatchesOptions) {
    this.#options = options;
  }

  /** @throws {MalformedOtlpError} */
  add(batch: Batch): void {
    const { clock, correlator, signal, forward } = this.#options;
    const body = batch.encode();
    const positions = correlator() === undefined ? [] : traceIdPositions(signal, body);
    if (positions.length === 0) {
      forward(batch);
      return;
    }
    this.#held.push({ batch, positions, since: clock.now(), size: body.length });
    this.#bytes += body.length;
    while (this.#bytes > this.#options.maxBytes) {
      this.#options.pushedOut.value++;
      this.#release(this.#held.shift()!);
    }
    this.#lookLater();
  }

  /** Everything leaves, with the ids as far as they are decided. */
  releaseAll(): void {
    this.#timer?.cancel();
    for (const held of this.#held.splice(0)) this.#release(held);
  }

  #lookLater(): void {
    const { clock } = this.#options;
    if (this.#timer || this.#held.length === 0) return;
    this.#timer = clock.setTimer(clock.now() + LOOK_EVERY, () => {
      this.#timer = undefined;
      const [ready, waiting] = [[], []] as [Held[], Held[]];
      for (const held of this.#held) (this.#isDecided(held) ? ready : waiting).push(held);
      this.#held = waiting;
      for (const held of ready) this.#release(held);
      this.#lookLater();
    });
  }

  #isDecided(held: Held): boolean {
    const correlator = this.#options.correlator();
    const waitedEnough = this.#options.clock.now() - held.since >= this.#options.unknownWait;
    return held.positions.every(({ traceId }) => {
      const fate = correlator?.traceFate(traceId) ?? 'unknown';
      return fate === 'unknown' ? waitedEnough : fate !== 'open';
    });
  }

  #release({ batch, positions, size }: Held): void {
    this.#bytes -= size;
    const correlator = this.#options.correlator();
    const renamed = positions.flatMap(({ offset, traceId }) => {
      const fate = correlator?.traceFate(traceId);
      return typeof fate === 'object' && fate.finalTraceId !== traceId
        ? [{ offset, traceId: fate.finalTraceId }]
        : [];
    });
    this.#options.forward(
      renamed.length === 0
        ? batch
        : new OtlpBatch(withTraceIds(batch.encode(), renamed), batch.itemCount, batch.peer),
    );
  }
}
