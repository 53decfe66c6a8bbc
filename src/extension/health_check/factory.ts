import type { ExtensionFactory } from '../../collector/component.ts';
import { type HealthCheckConfig, healthCheckConfig } from './config.ts';
import { HealthCheck } from './health-check.ts';

export const healthCheckExtension = {
  type: 'health_check',
  stability: 'alpha',
  config: healthCheckConfig,
  create: (_settings, config) => new HealthCheck(config),
} satisfies ExtensionFactory<HealthCheckConfig>;
