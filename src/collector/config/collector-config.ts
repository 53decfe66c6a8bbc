import type { Factories, Signal } from '../component.ts';
import type { TelemetryConfig } from './schema.ts';

/** A component as the configuration names it, its factory found and its section read. */
export interface Configured<Factory> {
  /** `type[/name]` as written. */
  readonly id: string;
  readonly factory: Factory;
  readonly config: never;
}

export interface PipelineConfig {
  /** `signal[/name]` as written. */
  readonly id: string;
  readonly signal: Signal;
  /** Component ids, each once. */
  readonly receivers: readonly string[];
  /** In the order data passes them. */
  readonly processors: readonly string[];
  readonly exporters: readonly string[];
}

type Section<Kind extends keyof Factories> = ReadonlyMap<
  string,
  Configured<NonNullable<Factories[Kind]>[number]>
>;

/** A configuration that was read against the factories. */
export interface CollectorConfig {
  readonly receivers: Section<'receivers'>;
  readonly processors: Section<'processors'>;
  readonly exporters: Section<'exporters'>;
  readonly connectors: Section<'connectors'>;
  readonly extensions: Section<'extensions'>;
  readonly service: {
    readonly telemetry: TelemetryConfig;
    /** Ids of the extensions that run, in the order they start. */
    readonly extensions: readonly string[];
    readonly pipelines: readonly PipelineConfig[];
  };
}
