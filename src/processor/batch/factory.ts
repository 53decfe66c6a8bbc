import type { ProcessorFactory } from '../../collector/component.ts';
import { BatchProcessor } from './batch.ts';
import { type BatchConfig, batchConfig } from './config.ts';

export const batchProcessor = {
  type: 'batch',
  stability: 'beta',
  config: batchConfig,
  createTraces: (settings, config, next) =>
    new BatchProcessor(settings, 'traces', config, (batch) => next.consumeTraces(batch)),
  createMetrics: (settings, config, next) =>
    new BatchProcessor(settings, 'metrics', config, (batch) => next.consumeMetrics(batch)),
  createLogs: (settings, config, next) =>
    new BatchProcessor(settings, 'logs', config, (batch) => next.consumeLogs(batch)),
} satisfies ProcessorFactory<BatchConfig>;
