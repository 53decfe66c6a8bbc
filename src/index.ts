export { z } from 'zod';
export { type BuildInfo, ownBuildInfo } from './collector/build-info.ts';
export { type Clock, ManualClock, type Nanos, SystemClock, type Timer } from './collector/clock.ts';
export { Collector, type CollectorSettings, type CollectorState } from './collector/collector.ts';
export type {
  Component,
  ConnectorFactory,
  Consumers,
  ExporterFactory,
  Extension,
  ExtensionFactory,
  Factories,
  Host,
  LogsConsumer,
  MetricsConsumer,
  ProcessorFactory,
  ReceivedTap,
  ReceiverFactory,
  Settings,
  Signal,
  Stability,
  TracesConsumer,
} from './collector/component.ts';
export { duration, parseDuration } from './collector/config/duration.ts';
export { type Endpoint, endpoint, parseEndpoint } from './collector/config/endpoint.ts';
export type { ConfigInput } from './collector/config/load.ts';
export { type ConfigCode, ConfigError, type ConfigProblem } from './collector/config/problem.ts';
export type { ConfigSources } from './collector/config/resolve.ts';
export { type Counter, Counters, type Gauge, type MetricKind } from './collector/counters.ts';
export {
  type CollectorOptions,
  type ConfigObject,
  type ConfigPipeline,
  type ConfigSection,
  createCollector,
} from './collector/create-collector.ts';
export type {
  Operation,
  OperationAttributes,
  OwnTracerProvider,
  Tracing,
} from './collector/telemetry/traces/tracing.ts';
export { builtinFactories } from './components.ts';
export { PermanentError, RetryableError, SpanloomError } from './error.ts';
export { type Batch, type Logs, type Metrics, OtlpBatch, type Peer, type Traces } from './otlp/batch.ts';
export { MalformedOtlpError } from './otlp/malformed.ts';
export { toReadableSpans } from './sdk/decode/to-readable-spans.ts';
export { fromReadableSpans } from './sdk/encode/from-readable-spans.ts';
export { type InProcessOptions, inProcessReceiver } from './sdk/in-process-receiver.ts';
export type {
  HrTime,
  ReadableSpan,
  SdkResource,
  SdkScope,
  SdkSpan,
  SpanAttributes,
  SpanAttributeValue,
  SpanContext,
  SpanResource,
  TraceState,
} from './sdk/readable-span.ts';
export { type SdkExporterConfig, type SdkExporterOptions, sdkExporter } from './sdk/sdk-exporter.ts';
export type { AnySpanExporter, ExportResult, SdkSpanExporter } from './sdk/span-exporter.ts';
