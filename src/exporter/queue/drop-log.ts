import type { Logger } from 'pino';

/** A burst that goes on is mentioned again after this long. */
const REPEAT_MS = 60_000;

/**
 * Says what was dropped and why once per burst. A burst is a run of drops for one reason without a success in
 * between; its sum is logged when it ends.
 */
export class DropLog {
  readonly #logger: Logger;
  readonly #items: string;
  readonly #now: () => number;
  #reason: string | undefined;
  #loggedAt = 0;
  #batches = 0;
  #count = 0;

  /** @param items what is counted, such as `spans`. */
  constructor(logger: Logger, items: string, now: () => number = () => performance.now()) {
    this.#logger = logger;
    this.#items = items;
    this.#now = now;
  }

  /**
   * @param reason stable within a burst.
   * @param detail the sentence to log, which may differ from batch to batch.
   */
  dropped(count: number, reason: string, detail: string): void {
    if (this.#reason !== reason) {
      this.ended();
      this.#reason = reason;
    } else if (this.#now() - this.#loggedAt < REPEAT_MS) {
      this.#batches++;
      this.#count += count;
      return;
    }
    this.#loggedAt = this.#now();
    const more = this.#batches > 0 ? this.#sum() : {};
    this.#logger.error(
      { dropped_items: count, ...more },
      `Exporting failed. Dropping ${count} ${this.#items}: ${detail}`,
    );
    this.#batches = 0;
    this.#count = 0;
  }

  /** Ends the burst: something was sent, or the exporter stops. */
  ended(): void {
    if (this.#reason === undefined) return;
    if (this.#batches > 0)
      this.#logger.error(
        this.#sum(),
        `Dropped ${this.#count} more ${this.#items} in ${this.#batches} batches for the same reason (${this.#reason})`,
      );
    this.#reason = undefined;
    this.#batches = 0;
    this.#count = 0;
  }

  #sum(): { further_items: number; further_batches: number } {
    return { further_items: this.#count, further_batches: this.#batches };
  }
}
