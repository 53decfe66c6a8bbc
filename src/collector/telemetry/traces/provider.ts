import type { Logger } from 'pino';
import { SpanloomError } from '../../../error.ts';
import type { BuildInfo } from '../../build-info.ts';
import { type ProcessorConfig, type SamplerConfig, samplerOf, type TracesConfig } from './config.ts';
import { OwnOtlpExporter } from './otlp-exporter.ts';
import type { OwnTracerProvider } from './tracing.ts';

type Sdk = typeof import('@opentelemetry/sdk-trace-base');

/** A provider that was made here and is ended here. */
export interface StartedProvider extends OwnTracerProvider {
  shutdown(): Promise<void>;
}

/**
 * A provider of OpenTelemetry's SDK, as the configuration describes it.
 *
 * @throws {SpanloomError} `SPANLOOM_TRACES_SDK_MISSING` where the SDK, an optional dependency, is not installed
 */
export async function startProvider(
  config: TracesConfig,
  resource: Readonly<Record<string, string>>,
  logger: Logger,
  buildInfo: BuildInfo,
): Promise<StartedProvider> {
  const sdk = await loadSdk();
  const spanProcessors = await Promise.all(
    config.processors.map((processor) => spanProcessor(sdk, processor, logger, buildInfo)),
  );
  return new sdk.BasicTracerProvider({
    resource: fixedResource(resource),
    sampler: samplerFor(sdk, samplerOf(config)),
    spanProcessors,
  });
}

async function loadSdk(): Promise<Sdk> {
  try {
    return await import('@opentelemetry/sdk-trace-base');
  } catch (cause) {
    throw new SpanloomError(
      'SPANLOOM_TRACES_SDK_MISSING',
      'service::telemetry::traces needs the OpenTelemetry SDK, which is not installed: ' +
        'npm install @opentelemetry/api@1.9 @opentelemetry/sdk-trace-base@2, or take the processors out',
      { cause },
    );
  }
}

async function spanProcessor(
  sdk: Sdk,
  { batch, simple }: ProcessorConfig,
  logger: Logger,
  buildInfo: BuildInfo,
) {
  const config = (batch ?? simple)!.exporter;
  const exporter =
    config.console === undefined
      ? await OwnOtlpExporter.start(config, logger, buildInfo)
      : new sdk.ConsoleSpanExporter();
  if (!batch) return new sdk.SimpleSpanProcessor(exporter);
  const { schedule_delay, export_timeout, max_queue_size, max_export_batch_size } = batch;
  return new sdk.BatchSpanProcessor(exporter, {
    ...(schedule_delay !== undefined && { scheduledDelayMillis: schedule_delay }),
    ...(export_timeout !== undefined && { exportTimeoutMillis: export_timeout }),
    ...(max_queue_size !== undefined && { maxQueueSize: max_queue_size }),
    ...(max_export_batch_size !== undefined && { maxExportBatchSize: max_export_batch_size }),
  });
}

function samplerFor(sdk: Sdk, config: SamplerConfig | undefined) {
  if (config?.trace_id_ratio_based)
    return new sdk.TraceIdRatioBasedSampler(config.trace_id_ratio_based.ratio);
  if (config && 'always_off' in config) return new sdk.AlwaysOffSampler();
  return new sdk.AlwaysOnSampler();
}

/** A `Resource` of the SDK. */
function fixedResource(attributes: Readonly<Record<string, string>>) {
  const resource = {
    attributes: { ...attributes },
    merge: () => resource,
    getRawAttributes: (): [string, string][] => Object.entries(attributes),
  };
  return resource;
}
