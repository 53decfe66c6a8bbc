import type { Component, Settings, TracesConsumer } from '../../collector/component.ts';
import { Correlator } from '../../correlate/correlator.ts';
import type { MergeObserver } from '../../correlate/observer.ts';
import type { CorrelateOptions } from '../../correlate/options.ts';
import { openRendezvous } from '../../correlate/rendezvous/open.ts';
import type { Rendezvous } from '../../correlate/rendezvous/rendezvous.ts';
import { RetryableError } from '../../error.ts';
import { OtlpBatch, type Traces } from '../../otlp/batch.ts';
import { isCapturedTraces } from '../../receiver/ebpf/captured-traces.ts';
import { OUTBOX_SHARE, Outbox } from './outbox.ts';
import type { CorrelateState } from './state.ts';

/** The traces side of the `correlate` processor: takes captured activities and OTLP spans, emits merged traces. */
export class CorrelateTraces implements Component, TracesConsumer {
  readonly #correlator: Correlator;
  readonly #outbox: Outbox;
  readonly #options: CorrelateOptions;
  readonly #rendezvous: Rendezvous | undefined;
  #met = false;
  #stopped = false;

  constructor(
    settings: Settings,
    options: CorrelateOptions,
    state: CorrelateState,
    next: TracesConsumer,
    observer?: MergeObserver,
  ) {
    this.#options = options;
    const { clock, counters, id, logger } = settings;
    this.#rendezvous = openRendezvous(settings, options);
    this.#outbox = new Outbox({
      send: (batch) => next.consumeTraces(batch),
      maxBytes: OUTBOX_SHARE * options.maxBytes,
      dropped: counters.counter('spanloom_correlate_dropped_items', { processor: id, signal: 'traces' }),
      onDropped: (error, spans) =>
        logger.error(
          { err: error, spans },
          'The next stage refused released spans for good; they are dropped',
        ),
    });
    this.#correlator = new Correlator(
      clock,
      counters,
      id,
      options,
      (body, spans) => this.#outbox.add(new OtlpBatch(body, spans)),
      observer,
      ({ service, evidence, off, precision, judged }) => {
        const share = `${(100 * precision).toFixed(1)} % of its last ${judged} links`;
        if (off)
          logger.warn(
            { service, evidence },
            `Evidence ${evidence} is off for ${service}: only ${share} were right, the bar is ${100 * options.verify!.bar} %`,
          );
        else
          logger.info(
            { service, evidence },
            `Evidence ${evidence} is back for ${service}: ${share} were right`,
          );
      },
      this.#rendezvous,
    );
    state.correlator = this.#correlator;
  }

  async start(): Promise<void> {
    this.#rendezvous?.open();
    this.#met = true;
  }

  async consumeTraces(batch: Traces): Promise<void> {
    if (isCapturedTraces(batch)) {
      this.#correlator.captured(batch.activities);
      return;
    }
    if (this.#outbox.bytes > this.#options.maxBytes)
      throw new RetryableError(
        'SPANLOOM_CORRELATE_FULL',
        `The stage after correlate takes no spans: ${this.#outbox.bytes} bytes wait. ` +
          'Check the exporters behind it, or raise max_bytes_mib.',
      );
    this.#correlator.received(batch.encode(), batch.peer);
  }

  async shutdown(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#correlator.shutdown();
    await Promise.all([this.#outbox.close(), this.#met && this.#rendezvous?.close()]);
  }
}
