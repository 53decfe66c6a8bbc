import type { ExporterFactory, Settings, Signal } from '../../collector/component.ts';
import { QueuedExporter } from '../queue/queued-exporter.ts';
import { type OtlpHttpConfig, otlpHttpConfig } from './config.ts';
import { OtlpHttpTransport } from './otlp-http.ts';

const create = (signal: Signal) => (settings: Settings, config: OtlpHttpConfig) =>
  new QueuedExporter(settings, signal, config, new OtlpHttpTransport(settings, signal, config));

export const otlpHttpExporter = {
  type: 'otlp_http',
  aliases: ['otlphttp'],
  stability: 'alpha',
  config: otlpHttpConfig,
  createTraces: create('traces'),
  createMetrics: create('metrics'),
  createLogs: create('logs'),
} satisfies ExporterFactory<OtlpHttpConfig>;
