import type { Counter } from '../../collector/counters.ts';
import { RetryableError } from '../../error.ts';
import type { Batch } from '../../otlp/batch.ts';

const RETRY_MS = 1000;

/**
 * How many times `max_bytes_mib` may wait at most. Input is refused from one on, but what is held by then still leaves, and
 * what the kernel side sees can not be refused.
 */
export const OUTBOX_SHARE = 3;

export interface OutboxOptions {
  send(batch: Batch): Promise<void>;
  /** Bytes that may wait; what comes on top is dropped and counted. */
  readonly maxBytes: number;
  readonly dropped: Counter;
  onDropped(error: unknown, items: number): void;
}

/**
 * Batches on their way to the next stage. What was taken in has been acknowledged, so that a refusal that may pass is
 * waited out here, in order; the owner refuses new input meanwhile once too much waits.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #waiting: { readonly batch: Batch; readonly size: number }[] = [];
  #bytes = 0;
  #sending: Promise<void> | undefined;
  #closing = false;
  #wake: (() => void) | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Bytes waiting. */
  get bytes(): number {
    return this.#bytes;
  }

  add(batch: Batch): void {
    const size = batch.encode().length;
    const { maxBytes, dropped, onDropped } = this.#options;
    if (this.#bytes + size > maxBytes) {
      dropped.value += batch.itemCount;
      onDropped(new Error(`${this.#bytes} bytes wait for it already`), batch.itemCount);
      return;
    }
    this.#waiting.push({ batch, size });
    this.#bytes += size;
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
    const { send, dropped, onDropped } = this.#options;
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      try {
        await send(next.batch);
      } catch (error) {
        if (error instanceof RetryableError && !this.#closing) {
          await this.#pause(error.retryAfterMs ?? RETRY_MS);
          continue;
        }
        dropped.value += next.batch.itemCount;
        onDropped(error, next.batch.itemCount);
      }
      this.#waiting.shift();
      this.#bytes -= next.size;
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
