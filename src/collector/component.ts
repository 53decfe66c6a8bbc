import type { Logger } from 'pino';
import type { ZodType } from 'zod';
import type { Logs, Metrics, Peer, Traces } from '../otlp/batch.ts';
import type { Clock } from './clock.ts';
import type { Counters } from './counters.ts';
import type { Tracing } from './telemetry/traces/tracing.ts';

/** What a pipeline carries. */
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

/** The next stage, whatever the signal. */
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
  /** For what is worth a span of the collector's own. */
  readonly tracing?: Tracing;
  /** Add a tap to see what the OTLP receivers accept; the OTLP receiver calls every tap. */
  readonly taps: Set<ReceivedTap>;
  /**
   * The instance that all pipelines naming this component id share: made by the first caller. Receivers that serve
   * several signals on one socket and processors with state across signals use it.
   */
  shared<T>(make: () => T): T;
}

/** How far a component is, as `spanloom components` says it. */
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

/**
 * Makes receivers: what brings data into a pipeline.
 *
 * ```ts
 * import { OtlpBatch, type ReceiverFactory, z } from 'spanloom';
 *
 * const config = z.strictObject({ greeting: z.string().default('hello') });
 *
 * export const helloReceiver: ReceiverFactory<z.infer<typeof config>> = {
 *   type: 'hello',
 *   stability: 'development',
 *   config,
 *   createTraces: ({ logger }, { greeting }, next) => ({
 *     async start() {
 *       logger.info(greeting);
 *       await next.consumeTraces(new OtlpBatch(new Uint8Array(), 0));
 *     },
 *     async shutdown() {},
 *   }),
 * };
 * ```
 */
export interface ReceiverFactory<Config = unknown> extends Factory<Config> {
  createTraces?(settings: Settings, config: Config, next: TracesConsumer): Component;
  createMetrics?(settings: Settings, config: Config, next: MetricsConsumer): Component;
  createLogs?(settings: Settings, config: Config, next: LogsConsumer): Component;
  /** A receiver that brings its own time (a replay) provides the clock of the whole collector. */
  createClock?(config: Config): Clock | undefined;
}

/**
 * Makes processors: what stands between receivers and exporters.
 *
 * ```ts
 * import { type ProcessorFactory, fromReadableSpans, toReadableSpans, z } from 'spanloom';
 *
 * const config = z.strictObject({ drop: z.string() });
 *
 * export const dropProcessor: ProcessorFactory<z.infer<typeof config>> = {
 *   type: 'drop_by_name',
 *   stability: 'development',
 *   config,
 *   createTraces: ({ id, counters }, { drop }, next) => {
 *     const dropped = counters.counter('shop_dropped_spans', { processor: id });
 *     return {
 *       async start() {},
 *       async shutdown() {},
 *       async consumeTraces(batch) {
 *         const spans = toReadableSpans(batch);
 *         const kept = spans.filter(({ name }) => name !== drop);
 *         dropped.value += spans.length - kept.length;
 *         // A batch that loses nothing goes on as it came, unknown fields included.
 *         if (kept.length === spans.length) await next.consumeTraces(batch);
 *         else if (kept.length > 0) await next.consumeTraces(fromReadableSpans(kept));
 *       },
 *     };
 *   },
 * };
 * ```
 */
export interface ProcessorFactory<Config = unknown> extends Factory<Config> {
  createTraces?(settings: Settings, config: Config, next: TracesConsumer): Component & TracesConsumer;
  createMetrics?(settings: Settings, config: Config, next: MetricsConsumer): Component & MetricsConsumer;
  createLogs?(settings: Settings, config: Config, next: LogsConsumer): Component & LogsConsumer;
}

/**
 * Makes exporters: where data leaves.
 *
 * ```ts
 * import { type ExporterFactory, toReadableSpans, z } from 'spanloom';
 *
 * const config = z.strictObject({});
 *
 * export const namesExporter: ExporterFactory<z.infer<typeof config>> = {
 *   type: 'names',
 *   stability: 'development',
 *   config,
 *   createTraces: () => ({
 *     async start() {},
 *     async shutdown() {},
 *     async consumeTraces(batch) {
 *       for (const { name } of toReadableSpans(batch)) console.log(name);
 *     },
 *   }),
 * };
 * ```
 */
export interface ExporterFactory<Config = unknown> extends Factory<Config> {
  createTraces?(settings: Settings, config: Config): Component & TracesConsumer;
  createMetrics?(settings: Settings, config: Config): Component & MetricsConsumer;
  createLogs?(settings: Settings, config: Config): Component & LogsConsumer;
}

/**
 * Makes connectors: what ends one pipeline and begins another. A method for each pair of signals: of what comes in, and
 * of what goes out. `next` is every pipeline of that signal which names the connector as a receiver.
 *
 * ```ts
 * import { type ConnectorFactory, fromReadableSpans, toReadableSpans, z } from 'spanloom';
 *
 * const config = z.strictObject({});
 *
 * export const errorsConnector: ConnectorFactory<z.infer<typeof config>> = {
 *   type: 'errors',
 *   stability: 'development',
 *   config,
 *   createTracesToTraces: (_settings, _config, next) => ({
 *     async start() {},
 *     async shutdown() {},
 *     async consumeTraces(batch) {
 *       const failed = toReadableSpans(batch).filter(({ status }) => status.code === 2);
 *       if (failed.length > 0) await next.consumeTraces(fromReadableSpans(failed));
 *     },
 *   }),
 * };
 * ```
 */
export interface ConnectorFactory<Config = unknown> extends Factory<Config> {
  createTracesToTraces?(settings: Settings, config: Config, next: TracesConsumer): Component & TracesConsumer;
  createTracesToMetrics?(
    settings: Settings,
    config: Config,
    next: MetricsConsumer,
  ): Component & TracesConsumer;
  createTracesToLogs?(settings: Settings, config: Config, next: LogsConsumer): Component & TracesConsumer;
  createMetricsToTraces?(
    settings: Settings,
    config: Config,
    next: TracesConsumer,
  ): Component & MetricsConsumer;
  createMetricsToMetrics?(
    settings: Settings,
    config: Config,
    next: MetricsConsumer,
  ): Component & MetricsConsumer;
  createMetricsToLogs?(settings: Settings, config: Config, next: LogsConsumer): Component & MetricsConsumer;
  createLogsToTraces?(settings: Settings, config: Config, next: TracesConsumer): Component & LogsConsumer;
  createLogsToMetrics?(settings: Settings, config: Config, next: MetricsConsumer): Component & LogsConsumer;
  createLogsToLogs?(settings: Settings, config: Config, next: LogsConsumer): Component & LogsConsumer;
}

/** Starts before the pipelines and stops after them. */
export interface Extension extends Component {
  /** All pipelines have started. */
  ready?(): void;
  /** The pipelines are about to stop. */
  notReady?(): void;
}

/**
 * Makes extensions: what stands beside the pipelines.
 *
 * ```ts
 * import { type ExtensionFactory, z } from 'spanloom';
 *
 * const config = z.strictObject({});
 *
 * export const announceExtension: ExtensionFactory<z.infer<typeof config>> = {
 *   type: 'announce',
 *   stability: 'development',
 *   config,
 *   create: ({ logger }) => ({
 *     async start() {},
 *     async shutdown() {},
 *     ready: () => logger.info('all pipelines run'),
 *   }),
 * };
 * ```
 */
export interface ExtensionFactory<Config = unknown> extends Factory<Config> {
  create(settings: Settings, config: Config): Extension;
}

/** A factory whose type of configuration is its own affair. */
type OfAny<Factory> = Omit<Factory, 'config'> & { readonly config: ZodType };

/** The components that a configuration can name. */
export interface Factories {
  readonly receivers: readonly OfAny<ReceiverFactory<never>>[];
  readonly processors: readonly OfAny<ProcessorFactory<never>>[];
  readonly exporters: readonly OfAny<ExporterFactory<never>>[];
  /** None when missing. */
  readonly connectors?: readonly OfAny<ConnectorFactory<never>>[];
  readonly extensions: readonly OfAny<ExtensionFactory<never>>[];
}
