import type { Component, Settings, TracesConsumer } from '../../collector/component.ts';
import { Correlator } from '../../correlate/correlator.ts';
import type { CorrelateOptions } from '../../correlate/options.ts';
import { RetryableError } from '../../error.ts';
import type { Traces } from '../../otlp/batch.ts';
import { isCapturedTraces } from '../../receiver/ebpf/captured-traces.ts';
import { Outbox } from './outbox.ts';

/** The traces side of the `correlate` processor: takes captured activities and OTLP spans, emits merged traces. */
export class CorrelateTraces implements Component, TracesConsumer {
  readonly #correlator: Correlator;
  readonly #outbox: Outbox;
  readonly #options: CorrelateOptions;
  #stopped = false;

  constructor(settings: Settings, options: CorrelateOptions, next: TracesConsumer) {
    this.#options = options;
    const { counters, id } = settings;
    const dropped = counters.counter('spanloom_correlate_dropped_spans', { processor: id });
    this.#outbox = new Outbox(next, dropped, (error, spans) =>
      settings.logger.error(
        { err: error, spans },
        'The next stage refused released spans for good; they are dropped',
      ),
    );
    this.#correlator = new Correlator(settings.clock, counters, id, options, (body, spans) =>
      this.#outbox.add(body, spans),
    );
  }

  async start(): Promise<void> {}

  async consumeTraces(batch: Traces): Promise<void> {
    if (isCapturedTraces(batch)) {
      this.#correlator.captured(batch.activities);
      return;
    }
    if (this.#outbox.bytes > this.#options.maxBytes)
      throw new RetryableError(
        'SPANLOOM_CORRELATE_FULL',
        `The stage after correlate is not taking spans: ${this.#outbox.bytes} bytes wait, ` +
          `more than max_bytes_mib allows. Check the exporters behind it, or raise max_bytes_mib.`,
      );
    this.#correlator.received(batch.encode(), batch.peer);
  }

  async shutdown(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#correlator.shutdown();
    await this.#outbox.close();
  }
}
