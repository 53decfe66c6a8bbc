import { MILLISECOND } from '../../collector/clock.ts';
import { RetryableError } from '../../error.ts';
import { Backoff } from './backoff.ts';
import type { RetryConfig } from './config.ts';
import { Pauses } from './pauses.ts';
import type { ExportResult } from './transport.ts';

/** Repeats what may succeed later, with growing pauses, until the configured time has passed. */
export class RetrySender {
  readonly #config: RetryConfig;
  readonly #pauses = new Pauses();
  readonly #onRetry: (error: RetryableError, delayMs: number) => void;
  #lastAttempts = false;

  constructor(config: RetryConfig, onRetry: (error: RetryableError, delayMs: number) => void) {
    this.#config = config;
    this.#onRetry = onRetry;
  }

  /** Rejects with the error of the last attempt. */
  async send(attempt: () => Promise<ExportResult>): Promise<ExportResult> {
    const startedAt = performance.now();
    let backoff: Backoff | undefined;
    for (;;) {
      const last = this.#lastAttempts;
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof RetryableError) || !this.#config.enabled || last) throw error;
        backoff ??= this.#backoff();
        const delayMs = Math.max(backoff.next(), error.retryAfterMs ?? 0);
        const limitMs = this.#config.max_elapsed_time / MILLISECOND;
        const elapsedMs = performance.now() - startedAt;
        if (limitMs > 0 && elapsedMs + delayMs > limitMs)
          throw new RetryableError(
            error.code,
            `no more retries left after ${Math.round(elapsedMs)} ms: ${error.message}`,
            error.retryAfterMs,
            { cause: error },
          );
        this.#onRetry(error, delayMs);
        if (!this.#lastAttempts) await this.#pauses.sleep(delayMs);
      }
    }
  }

  /** From now on nothing waits: whatever is pending or comes yet is tried once more. */
  lastAttempts(): void {
    this.#lastAttempts = true;
    this.#pauses.wakeAll();
  }

  #backoff(): Backoff {
    return new Backoff({
      initialMs: this.#config.initial_interval / MILLISECOND,
      maxMs: this.#config.max_interval / MILLISECOND,
      multiplier: this.#config.multiplier,
      randomizationFactor: this.#config.randomization_factor,
    });
  }
}
