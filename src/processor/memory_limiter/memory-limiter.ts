import type { Component, Settings, Signal } from '../../collector/component.ts';
import type { Counter } from '../../collector/counters.ts';
import { RetryableError } from '../../error.ts';
import type { Batch } from '../../otlp/batch.ts';
import type { MemoryWatch } from './memory-watch.ts';

const ITEMS = { traces: 'spans', metrics: 'metric_points', logs: 'log_records' } as const;

type Consume = (batch: Batch) => Promise<void>;

/** Refuses data, so that it is sent again later, while memory is short. */
export class MemoryLimiter implements Component {
  readonly #refused: Counter;
  #started = false;

  constructor(
    settings: Settings,
    signal: Signal,
    readonly watch: MemoryWatch,
    readonly next: Consume,
  ) {
    const { counters, id } = settings;
    this.#refused = counters.counter(`otelcol_processor_refused_${ITEMS[signal]}`, { processor: id });
  }

  async start(): Promise<void> {
    this.#started = true;
    this.watch.start();
  }

  async shutdown(): Promise<void> {
    if (this.#started) this.watch.stop();
    this.#started = false;
  }

  consumeTraces: Consume = (batch) => this.#consume(batch);
  consumeMetrics: Consume = (batch) => this.#consume(batch);
  consumeLogs: Consume = (batch) => this.#consume(batch);

  async #consume(batch: Batch): Promise<void> {
    if (!this.watch.refusing) return this.next(batch);
    this.#refused.value += batch.itemCount;
    throw new RetryableError('SPANLOOM_MEMORY_LIMIT', 'data refused due to high memory usage');
  }
}
