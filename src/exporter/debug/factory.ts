import type { ExporterFactory, Settings, Signal } from '../../collector/component.ts';
import { type DebugConfig, debugConfig } from './config.ts';
import { DebugExporter } from './debug.ts';

const create = (signal: Signal) => (settings: Settings, config: DebugConfig) =>
  new DebugExporter(settings, signal, config);

export const debugExporter = {
  type: 'debug',
  stability: 'alpha',
  config: debugConfig,
  createTraces: create('traces'),
  createMetrics: create('metrics'),
  createLogs: create('logs'),
} satisfies ExporterFactory<DebugConfig>;
