import type { Logger } from 'pino';
import type { ZodType } from 'zod';
import type { Logs, Metrics, Peer, Traces } from '../otlp/batch.ts';
import type { Clock } from './clock.ts';
import type { Counters } from './counters.ts';

export type Signal = 'traces' | 'metrics' | 'logs';

/**
 * The lifecycle of everything in a pipeline, as in the OpenTelemetry Collector.
 *
 * - `start` is called once, exporters first and receivers last; a rejection stops the collector.
 * - `shutdown` is called once, receivers first and exporters last; it resolves when what was accepted has been
 *   handed on. It is safe without `start` and safe to call twice.
 */
export interface Component {
  start(host: Host): Promise<void>;
  shutdown(): Promise<void>;
}

/** What a running component may ask of the collector it runs in. */
export interface Host {
  /** Ends the collector: the component can not go on. */
  fatal(error: Error): void;
  /** Ends the collector without an error: everything there was to receive (a recording) has been handed on. */
  finished(): void;
}

/**
 * One method a signal. The promise resolves when the batch is accepted. It rejects with a `RetryableError` when the
 * same batch may be offered again, and with any other error when it never will be taken.
 */
export interface TracesConsumer {
  consumeTraces(batch: Traces): Promise<void>;
}
export interface MetricsConsumer {
  consumeMetrics(batch: Metrics): Promise<void>;
}
export interface LogsConsumer {
  consumeLogs(batch: Logs): Promise<void>;
}

export interface Consumers {
  traces: TracesConsumer;
  metrics: MetricsConsumer;
  logs: LogsConsumer;
}

/** Sees every request the OTLP receivers accept, before any stage does. The recording of a capture uses it. */
export interface ReceivedTap {
  received(signal: Signal, body: Uint8Array, peer: Peer | undefined): void;
}

/** What a component is made with, besides its configuration. */
export interface Settings {
  /** `type` or `type/name`. */
  readonly id: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly buildInfo: { readonly command: string; readonly version: string };
  /** Add a tap to see what the OTLP receivers accept; the OTLP receiver calls every tap. */
  readonly taps: Set<ReceivedTap>;
  /**
   * The instance that all pipelines naming this component id share: made by the first caller. Receivers that serve
   * several signals on one socket and processors with state across signals use it.
   */
  shared<T>(make: () => T): T;
}

export type Stability = 'development' | 'alpha' | 'beta' | 'stable';

interface Factory<Config> {
  /** `lower_snake_case` type name. */
  readonly type: string;
  /** Older names that configurations still use. */
  readonly aliases?: readonly string[];
  readonly stability: Stability;
  /** Validates the component's section and fills in the defaults; a missing body is validated as `{}`. */
  readonly config: ZodType<Config>;
}

export interface ReceiverFactory<Config = unknown> extends Factory<Config> {
  createTraces?(settings: Settings, config: Config, next: TracesConsumer): Component;
  createMetrics?(settings: Settings, config: Config, next: MetricsConsumer): Component;
  createLogs?(settings: Settings, config: Config, next: LogsConsumer): Component;
  /** A receiver that brings its own time (a replay) provides the clock of the whole collector. */
  createClock?(config: Config): Clock | undefined;
}

export interface ProcessorFactory<Config = unknown> extends Factory<Config> {
  createTraces?(settings: Settings, config: Config, next: TracesConsumer): Component & TracesConsumer;
  createMetrics?(settings: Settings, config: Config, next: MetricsConsumer): Component & MetricsConsumer;
  createLogs?(settings: Settings, config: Config, next: LogsConsumer): Component & LogsConsumer;
}

export interface ExporterFactory<Config = unknown> extends Factory<Config> {
  createTraces?(settings: Settings, config: Config): Component & TracesConsumer;
  createMetrics?(settings: Settings, config: Config): Component & MetricsConsumer;
  createLogs?(settings: Settings, config: Config): Component & LogsConsumer;
}

/** Starts before the pipelines and stops after them. */
export interface Extension extends Component {
  /** All pipelines have started. */
  ready?(): void;
  /** The pipelines are about to stop. */
  notReady?(): void;
}

export interface ExtensionFactory<Config = unknown> extends Factory<Config> {
  create(settings: Settings, config: Config): Extension;
}

/** A factory whose type of configuration is its own affair. */
type OfAny<Factory> = Omit<Factory, 'config'> & { readonly config: ZodType };

export interface Factories {
  readonly receivers: readonly OfAny<ReceiverFactory<never>>[];
  readonly processors: readonly OfAny<ProcessorFactory<never>>[];
  readonly exporters: readonly OfAny<ExporterFactory<never>>[];
  readonly extensions: readonly OfAny<ExtensionFactory<never>>[];
}
