import { z } from 'zod';
import type { ExporterFactory } from '../../collector/component.ts';
import { NopExporter } from './nop.ts';

const nopConfig = z.strictObject({});

const create = () => new NopExporter();

export const nopExporter = {
  type: 'nop',
  stability: 'beta',
  config: nopConfig,
  createTraces: create,
  createMetrics: create,
  createLogs: create,
} satisfies ExporterFactory<z.infer<typeof nopConfig>>;
