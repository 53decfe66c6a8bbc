import type { ExporterFactory, Settings } from '../../collector/component.ts';
import { type FileConfig, fileConfig } from './config.ts';
import { FileExporter } from './file.ts';

/** All pipelines that name one component id write to one file. */
const create = (settings: Settings, config: FileConfig) =>
  settings.shared(() => new FileExporter(settings, config));

export const fileExporter = {
  type: 'file',
  stability: 'alpha',
  config: fileConfig,
  createTraces: create,
  createMetrics: create,
  createLogs: create,
} satisfies ExporterFactory<FileConfig>;
