import { z } from 'zod';
import type { ConnectorFactory } from '../../collector/component.ts';
import { forward } from './forward.ts';

const forwardConfig = z.strictObject({});

export const forwardConnector = {
  type: 'forward',
  stability: 'beta',
  config: forwardConfig,
  createTracesToTraces: (_settings, _config, next) =>
    forward({ consumeTraces: (batch) => next.consumeTraces(batch) }),
  createMetricsToMetrics: (_settings, _config, next) =>
    forward({ consumeMetrics: (batch) => next.consumeMetrics(batch) }),
  createLogsToLogs: (_settings, _config, next) =>
    forward({ consumeLogs: (batch) => next.consumeLogs(batch) }),
} satisfies ConnectorFactory<z.infer<typeof forwardConfig>>;
