import type { TracesConsumer } from '../../collector/component.ts';
import type { Counter } from '../../collector/counters.ts';
import { RetryableError } from '../../error.ts';
import { OtlpBatch } from '../../otlp/batch.ts';

const RETRY_MS = 1000;

/**
 * Released traces on their way to the next stage. What was taken in has been acknowledged, so that a refusal that may
 * pass is waited out here, in order; new input is refused meanwhile once too much waits.
 */
export class Outbox {
  readonly #next: TracesConsumer;
  readonly #dropped: Counter;
  readonly #onDropped: (error: unknown, spans: number) => void;
  readonly #waiting: OtlpBatch[] = [];
  #bytes = 0;
  #sending: Promise<void> | undefined;
  #closing = false;
  #wake: (() => void) | undefined;

  constructor(next: TracesConsumer, dropped: Counter, onDropped: (error: unknown, spans: number) => void) {
    this.#next = next;
    this.#dropped = dropped;
    this.#onDropped = onDropped;
  }

  /** Bytes waiting. */
  get bytes(): number {
    return this.#bytes;
  }

  add(body: Uint8Array, spans: number): void {
    this.#waiting.push(new OtlpBatch(body, spans));
    this.#bytes += body.length;
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined;
    });
  }

  /** Resolves when everything has been handed on, or refused once more after this call. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#wake?.();
    await this.#sending;
  }

  async #send(): Promise<void> {
    for (let batch = this.#waiting[0]; batch; batch = this.#waiting[0]) {
      try {
        await this.#next.consumeTraces(batch);
      } catch (error) {
        if (error instanceof RetryableError && !this.#closing) {
          await this.#pause(error.retryAfterMs ?? RETRY_MS);
          continue;
        }
        this.#dropped.value += batch.itemCount;
        this.#onDropped(error, batch.itemCount);
      }
      this.#waiting.shift();
      this.#bytes -= batch.body.length;
    }
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timeout = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timeout);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}
