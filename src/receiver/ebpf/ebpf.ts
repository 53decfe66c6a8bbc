import type { Component, Host, Settings, TracesConsumer } from '../../collector/component.ts';
import { SpanloomError } from '../../error.ts';
import { OtlpBatch, type Peer } from '../../otlp/batch.ts';
import { countItems } from '../../otlp/count-items.ts';
import { ActivityBatch } from './activity-batch.ts';
import type { CaptureSink, CaptureSource } from './capture/source.ts';
import type { EbpfConfig } from './config.ts';
import { Handover } from './handover.ts';
import type { CaptureEvent } from './message.ts';
import { openSource } from './open-source.ts';
import type { ProcessFacts } from './process/facts.ts';
import { Tracker } from './tracker/tracker.ts';

/** The `ebpf` receiver: what chosen processes say to each other over their sockets, as activities and spans. */
export class EbpfReceiver implements Component, CaptureSink {
  readonly #settings: Settings;
  readonly #config: EbpfConfig;
  readonly #handover: Handover;
  readonly #tracker: Tracker;
  #source: CaptureSource | undefined;

  constructor(settings: Settings, config: EbpfConfig, next: TracesConsumer) {
    this.#settings = settings;
    this.#config = config;
    const { counters, id, logger } = settings;
    this.#tracker = new Tracker(counters, id);
    this.#handover = new Handover(
      next,
      {
        accepted: counters.counter('otelcol_receiver_accepted_spans', { receiver: id }),
        refused: counters.counter('otelcol_receiver_refused_spans', { receiver: id }),
      },
      (error) =>
        logger.warn({ err: error }, 'The next stage did not take captured exchanges; they are dropped'),
    );
  }

  async start(host: Host): Promise<void> {
    const source = openSource(this.#settings, this.#config, host);
    try {
      await source.start(this);
      this.#source = source;
    } catch (error) {
      if (this.#config.on_unavailable === 'fail' || !(error instanceof SpanloomError)) throw error;
      this.#settings.logger.warn(
        { code: error.code },
        `Going on with OTLP alone (on_unavailable: otlp_only). ${error.message}`,
      );
    }
  }

  async shutdown(): Promise<void> {
    const source = this.#source;
    this.#source = undefined;
    if (!source) return;
    await source.shutdown();
    this.#tracker.shutdown();
    this.drained();
    await this.#handover.settled();
  }

  event(event: CaptureEvent): void {
    this.#tracker.event(event);
  }

  process(facts: ProcessFacts): void {
    this.#tracker.process(facts);
  }

  otlpTraces(body: Uint8Array, peer: Peer | undefined): void {
    this.#handover.add(new OtlpBatch(body, countItems('traces', body), peer));
  }

  drained(): void {
    const activities = this.#tracker.take();
    if (activities.length > 0)
      this.#handover.add(new ActivityBatch(activities, this.#settings.clock.epochUnixNano));
  }
}
