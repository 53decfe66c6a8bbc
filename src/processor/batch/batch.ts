import { setTimeout } from 'node:timers/promises';
import type { Timer } from '../../collector/clock.ts';
import type { Component, Settings, Signal } from '../../collector/component.ts';
import type { Counter } from '../../collector/counters.ts';
import { RetryableError } from '../../error.ts';
import { type Batch, OtlpBatch } from '../../otlp/batch.ts';
import type { BatchConfig } from './config.ts';
import { split } from './split.ts';

const RETRY_WAIT_MS = 1000;

type Consume = (batch: Batch) => Promise<void>;

/**
 * Brings small batches together. A batch counts as accepted once it waits here; what follows may then ask for retries,
 * and while it does, further batches are not accepted beyond a second batch's worth.
 *
 * Where a request came from (`peer`), and what a batch is beyond its OTLP, ends here: place it after the stages that
 * want to know, as the Collector's documentation advises too.
 */
export class BatchProcessor implements Component {
  readonly #dropped: Counter;
  readonly #bySize: Counter;
  readonly #byTime: Counter;
  #pending: Uint8Array[] = [];
  #pendingItems = 0;
  #timer: Timer | undefined;
  /** All sending so far, one batch after the other. */
  #sending: Promise<void> = Promise.resolve();
  /** Batches taken from `#pending` and not yet handed on. */
  #unsent = 0;

  constructor(
    readonly settings: Settings,
    readonly signal: Signal,
    readonly config: BatchConfig,
    readonly next: Consume,
  ) {
    const labels = { processor: settings.id };
    this.#dropped = settings.counters.counter('otelcol_processor_batch_dropped_items', labels);
    this.#bySize = settings.counters.counter('otelcol_processor_batch_batch_size_trigger_send', labels);
    this.#byTime = settings.counters.counter('otelcol_processor_batch_timeout_trigger_send', labels);
  }

  async start(): Promise<void> {}

  async shutdown(): Promise<void> {
    this.#flush();
    await this.#sending;
  }

  consumeTraces: Consume = (batch) => this.#consume(batch);
  consumeMetrics: Consume = (batch) => this.#consume(batch);
  consumeLogs: Consume = (batch) => this.#consume(batch);

  async #consume(batch: Batch): Promise<void> {
    while (this.#unsent > 1) await this.#sending;
    if (batch.itemCount === 0) return;
    // The fields of an OTLP request are repeated: its encodings, one after the other, encode the request of all.
    this.#pending.push(batch.encode());
    this.#pendingItems += batch.itemCount;
    const { send_batch_size, timeout } = this.config;
    const { clock } = this.settings;
    if (timeout === 0 || (send_batch_size > 0 && this.#pendingItems >= send_batch_size)) {
      this.#bySize.value++;
      this.#flush();
    } else
      this.#timer ??= clock.setTimer(clock.now() + timeout, () => {
        this.#byTime.value++;
        this.#flush();
      });
  }

  #flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#pendingItems === 0) return;
    const body = this.#pending.length === 1 ? this.#pending[0]! : Buffer.concat(this.#pending);
    const whole = { body, itemCount: this.#pendingItems };
    this.#pending = [];
    this.#pendingItems = 0;
    this.#unsent++;
    this.#sending = this.#sending.then(async () => {
      const { send_batch_max_size: max } = this.config;
      const pieces = max > 0 && whole.itemCount > max ? split(this.signal, whole.body, max) : [whole];
      for (const piece of pieces) await this.#send(new OtlpBatch(piece.body, piece.itemCount));
      this.#unsent--;
    });
  }

  /** Never rejects: offers the batch until it is taken or refused for good. */
  async #send(batch: Batch): Promise<void> {
    for (;;) {
      try {
        await this.next(batch);
        return;
      } catch (error) {
        if (!(error instanceof RetryableError)) {
          this.#dropped.value += batch.itemCount;
          this.settings.logger.warn({ err: error, dropped_items: batch.itemCount }, 'Sender failed');
          return;
        }
        // What asks to wait lives in real time, also during a replay.
        await setTimeout(error.retryAfterMs ?? RETRY_WAIT_MS);
      }
    }
  }
}
