import type { Factories } from './collector/component.ts';
import { nopExporter } from './exporter/nop/factory.ts';
import { otlpGrpcExporter } from './exporter/otlp/factory.ts';
import { otlpHttpExporter } from './exporter/otlphttp/factory.ts';

/** The components that come with Spanloom. */
export const builtinFactories: Factories = {
  receivers: [],
  processors: [],
  exporters: [nopExporter, otlpGrpcExporter, otlpHttpExporter],
  extensions: [],
};
