import type { ExporterFactory, Settings, Signal } from '../../collector/component.ts';
import { QueuedExporter } from '../queue/queued-exporter.ts';
import { type OtlpGrpcConfig, otlpGrpcConfig } from './config.ts';
import { OtlpGrpcTransport } from './otlp-grpc.ts';

const create = (signal: Signal) => (settings: Settings, config: OtlpGrpcConfig) =>
  new QueuedExporter(settings, signal, config, new OtlpGrpcTransport(settings, signal, config));

export const otlpGrpcExporter = {
  type: 'otlp_grpc',
  aliases: ['otlp'],
  stability: 'alpha',
  config: otlpGrpcConfig,
  createTraces: create('traces'),
  createMetrics: create('metrics'),
  createLogs: create('logs'),
} satisfies ExporterFactory<OtlpGrpcConfig>;
