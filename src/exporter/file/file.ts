import { MILLISECOND } from '../../collector/clock.ts';
import type {
  Component,
  LogsConsumer,
  MetricsConsumer,
  Settings,
  Signal,
  TracesConsumer,
} from '../../collector/component.ts';
import { RetryableError } from '../../error.ts';
import type { Batch } from '../../otlp/batch.ts';
import { describeError } from '../client/describe-error.ts';
import { ExporterCounters } from '../queue/exporter-counters.ts';
import type { FileConfig } from './config.ts';
import { encodeRecord } from './record.ts';
import { RotatingFile } from './rotating-file.ts';

/** Data beyond this is written without waiting for the interval. */
const BUFFER_BYTES = 4 << 20;

interface Pending {
  readonly record: Buffer;
  readonly signal: Signal;
  readonly items: number;
}

/** Writes export requests to a file; one instance serves all signals of a component id. */
export class FileExporter implements Component, TracesConsumer, MetricsConsumer, LogsConsumer {
  readonly #config: FileConfig;
  readonly #settings: Settings;
  readonly #file: RotatingFile;
  readonly #counters: Readonly<Record<Signal, ExporterCounters>>;
  #buffered: Pending[] = [];
  #bytes = 0;
  #failing = false;
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #started: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(settings: Settings, config: FileConfig) {
    this.#config = config;
    this.#settings = settings;
    this.#file = new RotatingFile(config);
    const counters = (signal: Signal) => new ExporterCounters(settings.counters, settings.id, signal);
    this.#counters = { traces: counters('traces'), metrics: counters('metrics'), logs: counters('logs') };
  }

  start(): Promise<void> {
    this.#started ??= this.#open();
    return this.#started;
  }

  shutdown(): Promise<void> {
    this.#stopped ??= this.#close();
    return this.#stopped;
  }

  consumeTraces(batch: Batch): Promise<void> {
    return this.#consume('traces', batch);
  }

  consumeMetrics(batch: Batch): Promise<void> {
    return this.#consume('metrics', batch);
  }

  consumeLogs(batch: Batch): Promise<void> {
    return this.#consume('logs', batch);
  }

  async #open(): Promise<void> {
    await this.#file.open();
    const intervalMs = this.#config.flush_interval / MILLISECOND;
    if (intervalMs > 0) this.#timer = setInterval(() => void this.#flush(), intervalMs);
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#flush();
    const lost = this.#buffered.splice(0);
    for (const { signal, items } of lost) this.#counters[signal].sendFailed.value += items;
    if (lost.length > 0)
      this.#settings.logger.error(`Dropping ${lost.length} requests that could not be written`);
    await this.#file.close();
  }

  async #consume(signal: Signal, batch: Batch): Promise<void> {
    if (this.#stopped)
      throw new RetryableError('SPANLOOM_EXPORT_STOPPED', 'the file exporter is shutting down');
    if (this.#failing && this.#bytes >= BUFFER_BYTES) {
      this.#counters[signal].enqueueFailed.value += batch.itemCount;
      throw new RetryableError('SPANLOOM_EXPORT_QUEUE_FULL', `${this.#config.path} can not be written`);
    }
    const record = encodeRecord(this.#config.format, signal, batch.encode());
    this.#buffered.push({ record, signal, items: batch.itemCount });
    this.#bytes += record.length;
    if (this.#bytes >= BUFFER_BYTES || !this.#timer) await this.#flush();
  }

  /** Writes what is buffered, after what is being written. Never rejects: what can not be written stays. */
  #flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeBuffered());
    return this.#writing;
  }

  async #writeBuffered(): Promise<void> {
    try {
      while (this.#buffered.length > 0) {
        const count = await this.#file.write(this.#buffered.map(({ record }) => record));
        for (const { record, signal, items } of this.#buffered.splice(0, count)) {
          this.#bytes -= record.length;
          this.#counters[signal].sent.value += items;
        }
        this.#failing = false;
      }
    } catch (error) {
      if (!this.#failing)
        this.#settings.logger.error(
          `can not write to ${this.#config.path}, will try again: ${describeError(error)}`,
        );
      this.#failing = true;
    }
  }
}
