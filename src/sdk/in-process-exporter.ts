import type { ReceivedTap, TracesConsumer } from '../collector/component.ts';
import type { Counter } from '../collector/counters.ts';
import { RetryableError, SpanloomError } from '../error.ts';
import { Backoff } from '../exporter/queue/backoff.ts';
import { Pauses } from '../exporter/queue/pauses.ts';
import type { Traces } from '../otlp/batch.ts';
import { fromReadableSpans } from './encode/from-readable-spans.ts';
import type { SdkSpan } from './readable-span.ts';
import type { ExportResult, SdkSpanExporter } from './span-exporter.ts';

/** Where a running receiver lets spans in. */
export interface Inlet {
  readonly next: TracesConsumer;
  readonly taps: ReadonlySet<ReceivedTap>;
  /** Of spans. */
  readonly accepted: Counter;
  readonly refused: Counter;
}

/** Pauses between attempts. There is no network that would have to recover first. */
const BACKOFF = { initialMs: 100, maxMs: 5000, multiplier: 1.5, randomizationFactor: 0.2 };

/** Hands an SDK's spans to the receiver that is running, if one is. */
export class InProcessExporter implements SdkSpanExporter {
  readonly #timeoutMs: number;
  readonly #pauses = new Pauses();
  readonly #underWay = new Set<Promise<void>>();
  #inlet: Inlet | undefined;
  #stopped = false;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  export(spans: readonly SdkSpan[], resultCallback: (result: ExportResult) => void): void {
    const work = this.#export(spans).then(
      () => resultCallback({ code: 0 }),
      (error: unknown) => resultCallback({ code: 1, error: asError(error) }),
    );
    const ended = work.finally(() => this.#underWay.delete(ended));
    this.#underWay.add(ended);
  }

  async forceFlush(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  /** Takes no more spans; resolves when those it took are handed on. */
  async shutdown(): Promise<void> {
    this.#stopped = true;
    this.#pauses.wakeAll();
    await this.forceFlush();
  }

  /** @throws {SpanloomError} when another receiver is open */
  open(inlet: Inlet): void {
    if (this.#inlet)
      throw new SpanloomError(
        'SPANLOOM_IN_PROCESS_TAKEN',
        'another receiver takes the spans of this in-process exporter already: make a pair with inProcessReceiver() for each',
      );
    this.#inlet = inlet;
  }

  /** Resolves when what was accepted is handed on. */
  async close(inlet: Inlet): Promise<void> {
    if (this.#inlet !== inlet) return;
    this.#inlet = undefined;
    this.#pauses.wakeAll();
    await this.forceFlush();
  }

  async #export(spans: readonly SdkSpan[]): Promise<void> {
    if (this.#stopped) throw new SpanloomError('SPANLOOM_EXPORT_STOPPED', 'the exporter was shut down');
    const unknown = unknownResources(spans);
    if (unknown.length > 0) await Promise.all(unknown);
    if (spans.length > 0) await this.#deliver(fromReadableSpans(spans));
  }

  async #deliver(batch: Traces): Promise<void> {
    const backoff = new Backoff(BACKOFF);
    const deadline = performance.now() + this.#timeoutMs;
    const inlet = this.#open();
    for (const tap of inlet.taps) tap.received('traces', batch.encode(), undefined);
    for (;;) {
      const last = this.#stopped || this.#inlet !== inlet;
      try {
        await inlet.next.consumeTraces(batch);
        inlet.accepted.value += batch.itemCount;
        return;
      } catch (error) {
        const delayMs =
          error instanceof RetryableError ? Math.max(backoff.next(), error.retryAfterMs ?? 0) : 0;
        if (!(error instanceof RetryableError) || last || performance.now() + delayMs > deadline) {
          inlet.refused.value += batch.itemCount;
          throw error;
        }
        if (!this.#stopped && this.#inlet === inlet) await this.#pauses.sleep(delayMs);
      }
    }
  }

  #open(): Inlet {
    if (this.#inlet) return this.#inlet;
    throw new SpanloomError(
      'SPANLOOM_IN_PROCESS_CLOSED',
      'no collector runs the receiver of this exporter: start the collector before the SDK exports, and stop it after the SDK',
    );
  }
}

/** Of each resource that waits for attributes, when it has them. */
function unknownResources(spans: readonly SdkSpan[]): Promise<void>[] {
  const waiting = new Set<Promise<void>>();
  for (const resource of new Set(spans.map((span) => span.resource)))
    if (resource.asyncAttributesPending && resource.waitForAsyncAttributes)
      waiting.add(resource.waitForAsyncAttributes());
  return [...waiting];
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
