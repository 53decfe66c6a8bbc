import type { Factories } from './collector/component.ts';
import { forwardConnector } from './connector/forward/factory.ts';
import { debugExporter } from './exporter/debug/factory.ts';
import { fileExporter } from './exporter/file/factory.ts';
import { nopExporter } from './exporter/nop/factory.ts';
import { otlpGrpcExporter } from './exporter/otlp/factory.ts';
import { otlpHttpExporter } from './exporter/otlphttp/factory.ts';
import { healthCheckExtension } from './extension/health_check/factory.ts';
import { batchProcessor } from './processor/batch/factory.ts';
import { correlateProcessor } from './processor/correlate/factory.ts';
import { memoryLimiterProcessor } from './processor/memory_limiter/factory.ts';
import { ebpfReceiver } from './receiver/ebpf/factory.ts';
import { otlpReceiver } from './receiver/otlp/factory.ts';

/**
 * The components that come with Spanloom.
 *
 * ```ts
 * import { builtinFactories } from 'spanloom';
 *
 * console.log(builtinFactories.exporters.map(({ type }) => type)); // debug, file, nop, …
 * ```
 */
export const builtinFactories: Factories = {
  receivers: [ebpfReceiver, otlpReceiver],
  processors: [batchProcessor, correlateProcessor, memoryLimiterProcessor],
  exporters: [debugExporter, fileExporter, nopExporter, otlpGrpcExporter, otlpHttpExporter],
  connectors: [forwardConnector],
  extensions: [healthCheckExtension],
};
