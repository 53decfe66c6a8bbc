import type { ProcessorFactory, Settings } from '../../collector/component.ts';
import { type CorrelateConfig, correlateConfig, correlateOptions } from './config.ts';
import { CorrelateTraces } from './correlate.ts';
import { FollowTraces } from './follow-traces.ts';
import type { CorrelateState } from './state.ts';

const stateOf = (settings: Settings) => settings.shared<CorrelateState>(() => ({ correlator: undefined }));

export const correlateProcessor = {
  type: 'correlate',
  stability: 'alpha',
  config: correlateConfig,
  createTraces: (settings, config, next) =>
    new CorrelateTraces(settings, correlateOptions(config), stateOf(settings), next),
  createMetrics: (settings, config, next) => {
    const follow = new FollowTraces(
      settings,
      correlateOptions(config),
      stateOf(settings),
      'metrics',
      (batch) => next.consumeMetrics(batch),
    );
    return Object.assign(follow, { consumeMetrics: follow.consume.bind(follow) });
  },
  createLogs: (settings, config, next) => {
    const follow = new FollowTraces(settings, correlateOptions(config), stateOf(settings), 'logs', (batch) =>
      next.consumeLogs(batch),
    );
    return Object.assign(follow, { consumeLogs: follow.consume.bind(follow) });
  },
} satisfies ProcessorFactory<CorrelateConfig>;
