import type { Component, Settings } from '../../collector/component.ts';
import type { CorrelateOptions } from '../../correlate/options.ts';
import { RetryableError } from '../../error.ts';
import type { Batch } from '../../otlp/batch.ts';
import { HeldBatches } from './held-batches.ts';
import { OUTBOX_SHARE, Outbox } from './outbox.ts';
import type { CorrelateState } from './state.ts';

/** The logs or metrics side of the `correlate` processor: what names a trace follows it to its final id. */
export class FollowTraces implements Component {
  readonly #held: HeldBatches;
  readonly #outbox: Outbox;
  readonly #options: CorrelateOptions;
  #stopped = false;

  constructor(
    settings: Settings,
    options: CorrelateOptions,
    state: CorrelateState,
    signal: 'logs' | 'metrics',
    send: (batch: Batch) => Promise<void>,
  ) {
    this.#options = options;
    const { clock, counters, id, logger } = settings;
    const labels = { processor: id, signal };
    this.#outbox = new Outbox({
      send,
      maxBytes: OUTBOX_SHARE * options.maxBytes,
      dropped: counters.counter('spanloom_correlate_dropped_items', labels),
      onDropped: (error, items) =>
        logger.error({ err: error, items }, `The next stage refused ${signal} for good; they are dropped`),
    });
    this.#held = new HeldBatches({
      signal,
      clock,
      correlator: () => state.correlator,
      unknownWait: options.decisionWait,
      maxBytes: options.maxBytes,
      pushedOut: counters.counter('spanloom_correlate_pushed_out_batches', labels),
      forward: (batch) => this.#outbox.add(batch),
    });
  }

  async start(): Promise<void> {}

  async consume(batch: Batch): Promise<void> {
    if (this.#outbox.bytes > this.#options.maxBytes)
      throw new RetryableError(
        'SPANLOOM_CORRELATE_FULL',
        `The stage after correlate takes nothing: ${this.#outbox.bytes} bytes wait. Check the exporters behind it, or raise max_bytes_mib.`,
      );
    this.#held.add(batch);
  }

  async shutdown(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#held.releaseAll();
    await this.#outbox.close();
  }
}
