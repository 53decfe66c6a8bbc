import type { ProcessorFactory } from '../../collector/component.ts';
import { type CorrelateConfig, correlateConfig, correlateOptions } from './config.ts';
import { CorrelateTraces } from './correlate.ts';

export const correlateProcessor = {
  type: 'correlate',
  stability: 'alpha',
  config: correlateConfig,
  createTraces: (settings, config, next) => new CorrelateTraces(settings, correlateOptions(config), next),
} satisfies ProcessorFactory<CorrelateConfig>;
