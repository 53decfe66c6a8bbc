import type { ProcessorFactory, Settings } from '../../collector/component.ts';
import { type MemoryLimiterConfig, memoryLimiterConfig } from './config.ts';
import { processMemory } from './memory.ts';
import { MemoryLimiter } from './memory-limiter.ts';
import { MemoryWatch } from './memory-watch.ts';

function watch(settings: Settings, config: MemoryLimiterConfig): MemoryWatch {
  return settings.shared(() => new MemoryWatch(config, processMemory, settings.logger));
}

export const memoryLimiterProcessor = {
  type: 'memory_limiter',
  stability: 'alpha',
  config: memoryLimiterConfig,
  createTraces: (settings, config, next) =>
    new MemoryLimiter(settings, 'traces', watch(settings, config), (batch) => next.consumeTraces(batch)),
  createMetrics: (settings, config, next) =>
    new MemoryLimiter(settings, 'metrics', watch(settings, config), (batch) => next.consumeMetrics(batch)),
  createLogs: (settings, config, next) =>
    new MemoryLimiter(settings, 'logs', watch(settings, config), (batch) => next.consumeLogs(batch)),
} satisfies ProcessorFactory<MemoryLimiterConfig>;
