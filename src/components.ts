import type { Factories } from './collector/component.ts';
import { nopExporter } from './exporter/nop/factory.ts';
import { otlpGrpcExporter } from './exporter/otlp/factory.ts';
import { otlpHttpExporter } from './exporter/otlphttp/factory.ts';

import { correlateProcessor } from './processor/correlate/factory.ts';
import { ebpfReceiver } from './receiver/ebpf/factory.ts';

/** The components that come with Spanloom. */
export const builtinFactories: Factories = {
  receivers: [ebpfReceiver],
  processors: [correlateProcessor],
  exporters: [nopExporter, otlpGrpcExporter, otlpHttpExporter],
  extensions: [],
};
