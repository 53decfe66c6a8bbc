import type {
  Component,
  LogsConsumer,
  MetricsConsumer,
  Settings,
  Signal,
  TracesConsumer,
} from '../../collector/component.ts';
import type { Operation } from '../../collector/telemetry/traces/tracing.ts';
import { PermanentError, RetryableError } from '../../error.ts';
import type { Batch } from '../../otlp/batch.ts';
import { BoundedQueue } from './bounded-queue.ts';
import type { QueuedExporterConfig } from './config.ts';
import { DropLog } from './drop-log.ts';
import { ExporterCounters, itemsOf } from './exporter-counters.ts';
import { RetrySender } from './retry-sender.ts';
import type { Transport } from './transport.ts';

/** What a shutdown may take before whatever is left is given up. */
const DRAIN_MS = 20_000;

interface Pending {
  readonly batch: Batch;
  readonly done: ((error?: unknown) => void) | undefined;
}

/**
 * An exporter for one signal: a bounded queue in front of a transport, with retries. A batch it accepted is sent, or
 * counted and logged as dropped; nothing in between.
 */
export class QueuedExporter implements Component, TracesConsumer, MetricsConsumer, LogsConsumer {
  readonly #config: QueuedExporterConfig;
  readonly #transport: Transport;
  readonly #logger: Settings['logger'];
  readonly #counters: ExporterCounters;
  readonly #drops: DropLog;
  readonly #queue: BoundedQueue<Pending>;
  readonly #retry: RetrySender;
  readonly #items: string;
  readonly #begin: (body: Uint8Array) => Operation | undefined;
  readonly #drainMs: number;
  #stopped: Promise<void> | undefined;
  #failing = false;
  #warned: string | undefined;

  constructor(
    settings: Settings,
    signal: Signal,
    config: QueuedExporterConfig,
    transport: Transport,
    drainMs = DRAIN_MS,
  ) {
    this.#config = config;
    this.#transport = transport;
    this.#logger = settings.logger;
    this.#items = itemsOf(signal).replace('_', ' ');
    this.#counters = new ExporterCounters(settings.counters, settings.id, signal);
    const operation = { exporter: settings.id, data_type: signal };
    this.#begin = (body) => settings.tracing?.begin(`exporter/${settings.id}/${signal}`, operation, body);
    this.#drops = new DropLog(settings.logger, this.#items);
    this.#drainMs = drainMs;
    const { enabled, queue_size, num_consumers } = config.sending_queue;
    this.#counters.queueCapacity.value = enabled ? queue_size : 0;
    this.#queue = new BoundedQueue(
      { capacity: queue_size, consumers: num_consumers },
      this.#counters.queueSize,
      (pending) => this.#work(pending),
    );
    this.#retry = new RetrySender(config.retry_on_failure, (error, delayMs) =>
      this.#retrying(error, delayMs),
    );
  }

  start(): Promise<void> {
    return this.#transport.start();
  }

  shutdown(): Promise<void> {
    this.#stopped ??= this.#drain();
    return this.#stopped;
  }

  consumeTraces(batch: Batch): Promise<void> {
    return this.#consume(batch);
  }

  consumeMetrics(batch: Batch): Promise<void> {
    return this.#consume(batch);
  }

  consumeLogs(batch: Batch): Promise<void> {
    return this.#consume(batch);
  }

  async #consume(batch: Batch): Promise<void> {
    if (this.#stopped) throw this.#refusal('SPANLOOM_EXPORT_STOPPED', 'the exporter is shutting down');
    const { enabled, wait_for_result } = this.#config.sending_queue;
    if (!enabled) return this.#send(batch);
    if (!wait_for_result) return this.#enqueue({ batch, done: undefined });
    let done: Pending['done'];
    const result = new Promise<void>((resolve, reject) => {
      done = (error) => (error === undefined ? resolve() : reject(error));
    });
    await this.#enqueue({ batch, done });
    return result;
  }

  async #enqueue(pending: Pending): Promise<void> {
    const { queue_size, sizer, block_on_overflow } = this.#config.sending_queue;
    const size = this.#sizeOf(pending.batch);
    if (size > queue_size) {
      this.#counters.enqueueFailed.value += pending.batch.itemCount;
      throw new PermanentError(
        'SPANLOOM_EXPORT_TOO_LARGE',
        `a batch of ${size} ${sizer} can never fit into the sending queue of ${queue_size}: raise sending_queue::queue_size`,
      );
    }
    if (this.#queue.offer(pending, size)) return;
    if (block_on_overflow) {
      if (await this.#queue.push(pending, size)) return;
      this.#counters.enqueueFailed.value += pending.batch.itemCount;
      throw this.#refusal('SPANLOOM_EXPORT_STOPPED', 'the exporter is shutting down');
    }
    this.#counters.enqueueFailed.value += pending.batch.itemCount;
    throw this.#refusal(
      'SPANLOOM_EXPORT_QUEUE_FULL',
      `the sending queue is full (${queue_size} ${sizer}): the backend takes less than arrives`,
    );
  }

  #sizeOf(batch: Batch): number {
    switch (this.#config.sending_queue.sizer) {
      case 'requests':
        return 1;
      case 'items':
        return batch.itemCount;
      case 'bytes':
        return batch.encode().length;
    }
  }

  #refusal(code: string, reason: string): RetryableError {
    return new RetryableError(code, `${this.#items} were not accepted: ${reason}`);
  }

  async #work({ batch, done }: Pending): Promise<void> {
    try {
      await this.#send(batch);
      done?.();
    } catch (error) {
      // Counted and logged where it happened; only a caller that waits still has to know.
      done?.(error);
    }
  }

  /** Sends with retries, counts the outcome, and rejects when the batch was given up. */
  async #send(batch: Batch): Promise<void> {
    this.#counters.inFlight.value++;
    let operation: Operation | undefined;
    try {
      const body = batch.encode();
      operation = this.#begin(body);
      const { rejected, message } = await this.#retry.send(() => this.#transport.send(body));
      const refused = Math.min(rejected, batch.itemCount);
      this.#sent(batch.itemCount, refused, message);
      operation?.end({ 'items.sent': batch.itemCount - refused, 'items.failed': refused });
    } catch (error) {
      this.#counters.sendFailed.value += batch.itemCount;
      operation?.end({ 'items.sent': 0, 'items.failed': batch.itemCount }, error);
      const { code, message } = asError(error);
      this.#drops.dropped(batch.itemCount, code, message);
      throw error;
    } finally {
      this.#counters.inFlight.value--;
    }
  }

  #sent(items: number, rejected: number, message: string): void {
    this.#counters.sent.value += items - rejected;
    this.#failing = false;
    if (rejected > 0) {
      this.#counters.sendFailed.value += rejected;
      this.#drops.dropped(rejected, 'partial success', `the backend rejected them: ${message}`);
      return;
    }
    this.#drops.ended();
    if (message !== '' && message !== this.#warned) {
      this.#warned = message;
      this.#logger.warn(`The backend took the ${this.#items} with a warning: ${message}`);
    }
  }

  /** One line when an outage begins, not one for each of its attempts. */
  #retrying(error: RetryableError, delayMs: number): void {
    const level = this.#failing ? 'debug' : 'warn';
    this.#failing = true;
    this.#logger[level](
      { interval_ms: Math.round(delayMs) },
      `Exporting failed. Will retry the request after interval: ${error.message}`,
    );
  }

  async #drain(): Promise<void> {
    this.#transport.hurry();
    this.#retry.lastAttempts();
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#drainMs);
    });
    await Promise.race([this.#queue.idle(), deadline]);
    clearTimeout(timer);
    for (const { batch, done } of this.#queue.clear()) {
      this.#counters.sendFailed.value += batch.itemCount;
      const error = this.#refusal(
        'SPANLOOM_EXPORT_STOPPED',
        `not sent within ${this.#drainMs} ms of shutting down`,
      );
      this.#drops.dropped(batch.itemCount, error.code, error.message);
      done?.(error);
    }
    await this.#transport.shutdown();
    await this.#queue.idle();
    this.#drops.ended();
  }
}

function asError(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: 'unknown', message: String(error) };
  return { code: 'code' in error ? String(error.code) : error.name, message: error.message };
}
