export { type BuildInfo, ownBuildInfo } from './collector/build-info.ts';
export { type Clock, ManualClock, type Nanos, SystemClock, type Timer } from './collector/clock.ts';
export { Collector, type CollectorSettings, type CollectorState } from './collector/collector.ts';
export type {
  Component,
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
export { type Counter, Counters } from './collector/counters.ts';
export { builtinFactories } from './components.ts';
export { PermanentError, RetryableError, SpanloomError } from './error.ts';
export { type Batch, type Logs, type Metrics, OtlpBatch, type Peer, type Traces } from './otlp/batch.ts';
