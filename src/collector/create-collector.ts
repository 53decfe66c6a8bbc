import type { Logger } from 'pino';
import { builtinFactories } from '../components.ts';
import type { BuildInfo } from './build-info.ts';
import { Collector } from './collector.ts';
import type { Factories } from './component.ts';
import type { ConfigInput } from './config/load.ts';
import type { OwnTracerProvider } from './telemetry/traces/tracing.ts';

/** A configuration as an object: the keys of the YAML file, durations and sizes as the texts they are there. */
export interface ConfigObject {
  readonly receivers?: ConfigSection;
  readonly processors?: ConfigSection;
  readonly exporters?: ConfigSection;
  readonly connectors?: ConfigSection;
  readonly extensions?: ConfigSection;
  readonly service: {
    readonly extensions?: readonly string[];
    /** Without `metrics` the collector serves none: an application may hold several, and port 8888 is one. */
    readonly telemetry?: Readonly<Record<string, unknown>>;
    /** By `traces`, `metrics` or `logs`, with `/name` where there are several. */
    readonly pipelines: Readonly<Record<string, ConfigPipeline>>;
  };
}

/** Configurations of components by their ids, `type` or `type/name`; null for a component's defaults. */
export type ConfigSection = Readonly<Record<string, object | null>>;

/** A pipeline of a `ConfigObject`: ids of components. */
export interface ConfigPipeline {
  readonly receivers: readonly string[];
  readonly processors?: readonly string[];
  readonly exporters: readonly string[];
}

/** What `createCollector` takes. */
export interface CollectorOptions {
  /**
   * The path of a YAML file (or another location: `yaml:…`, `env:NAME`), several to be merged in order, or the
   * configuration itself, in which no `${…}` is expanded.
   */
  readonly config: string | readonly string[] | ConfigObject;
  /** Own components. One of the type of a built-in one takes its place. */
  readonly receivers?: Factories['receivers'];
  readonly processors?: Factories['processors'];
  readonly exporters?: Factories['exporters'];
  readonly connectors?: NonNullable<Factories['connectors']>;
  readonly extensions?: Factories['extensions'];
  /** By default the one that `service::telemetry::logs` asks for. */
  readonly logger?: Logger;
  /**
   * A tracer provider of `@opentelemetry/api`, with which the collector traces its own work: `trace.getTracerProvider()`
   * for instance. Its spans that come back to the collector are not traced again.
   */
  readonly tracerProvider?: OwnTracerProvider;
  /** How the collector calls itself, in logs and as a client; this package by default. */
  readonly buildInfo?: BuildInfo;
  /** How long `shutdown` may take to hand on what was accepted, in milliseconds; 30 000 by default. */
  readonly drainTimeoutMs?: number;
}

/**
 * Makes a collector of the built-in components and of own ones. Nothing runs before its `start()` or `run()`, and
 * nothing native is loaded before an `ebpf` receiver starts.
 *
 * ```ts
 * import { createCollector } from 'spanloom';
 *
 * const collector = createCollector({
 *   config: {
 *     receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:0' } } } },
 *     processors: { correlate: { decision_wait: '2s' } },
 *     exporters: { debug: null },
 *     service: {
 *       pipelines: { traces: { receivers: ['otlp'], processors: ['correlate'], exporters: ['debug'] } },
 *     },
 *   },
 * });
 * await collector.start();
 * await collector.shutdown();
 * ```
 *
 * A file instead: `createCollector({ config: 'otel-config.yaml' })`.
 *
 * Files say as for `spanloom --config` where metrics are served (port 8888, unless they say otherwise); an object has to
 * ask for it.
 *
 * Errors of the configuration are thrown by `start()` and `run()`, not here.
 */
export function createCollector(options: CollectorOptions): Collector {
  const { config, receivers, processors, exporters, connectors, extensions, ...settings } = options;
  const builtin = builtinFactories;
  return new Collector({
    ...settings,
    config: configInput(config),
    factories: {
      receivers: [...(receivers ?? []), ...builtin.receivers],
      processors: [...(processors ?? []), ...builtin.processors],
      exporters: [...(exporters ?? []), ...builtin.exporters],
      connectors: [...(connectors ?? []), ...(builtin.connectors ?? [])],
      extensions: [...(extensions ?? []), ...builtin.extensions],
    },
  });
}

function configInput(config: CollectorOptions['config']): ConfigInput {
  if (typeof config === 'string') return { locations: [config] };
  if (isList(config)) return { locations: config };
  const { telemetry, ...service } = config.service;
  const quiet = { metrics: { level: 'none' }, ...telemetry };
  return { object: { ...config, service: { ...service, telemetry: quiet } } };
}

/** `Array.isArray` does not narrow a readonly array. */
function isList(config: readonly string[] | ConfigObject): config is readonly string[] {
  return Array.isArray(config);
}
