import type { TracesConsumer } from '../../collector/component.ts';
import type { Counter } from '../../collector/counters.ts';
import type { Traces } from '../../otlp/batch.ts';

/** Batches that may wait for the next stage: at one drain every 5 ms, several seconds' worth. */
const MAX_WAITING = 1000;

/**
 * Hands batches on one after the other. The kernel can not be asked to wait: what the next stage refuses, or is too
 * slow to take, is dropped and counted.
 */
export class Handover {
  readonly #next: TracesConsumer;
  readonly #accepted: Counter;
  readonly #dropped: Counter;
  readonly #onDropped: (error: unknown) => void;
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(
    next: TracesConsumer,
    { accepted, refused }: { accepted: Counter; refused: Counter },
    onDropped: (error: unknown) => void,
  ) {
    this.#next = next;
    this.#accepted = accepted;
    this.#dropped = refused;
    this.#onDropped = onDropped;
  }

  add(batch: Traces): void {
    if (this.#waiting >= MAX_WAITING) {
      this.#drop(batch, new Error(`${MAX_WAITING} batches wait for the next stage`));
      return;
    }
    this.#waiting++;
    this.#last = this.#last.then(async () => {
      try {
        await this.#next.consumeTraces(batch);
        this.#accepted.value += batch.itemCount;
      } catch (error) {
        this.#drop(batch, error);
      }
      this.#waiting--;
    });
  }

  /** Resolves when everything added so far has been taken or dropped. */
  settled(): Promise<void> {
    return this.#last;
  }

  #drop(batch: Traces, error: unknown): void {
    this.#dropped.value += batch.itemCount;
    this.#onDropped(error);
  }
}
