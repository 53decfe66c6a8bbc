import { z } from 'zod';
import { metricsConfig, resourceConfig } from '../telemetry/config.ts';
import { tracesConfig } from '../telemetry/traces/config.ts';

const section = z.record(z.string(), z.unknown()).prefault({});
const ids = z.array(z.string()).prefault([]);

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'dpanic', 'panic', 'fatal'] as const;

const logs = z.strictObject({
  level: z
    .string()
    .transform((level) => level.toLowerCase())
    .pipe(z.enum(LOG_LEVELS))
    .prefault('info'),
  encoding: z.enum(['console', 'json']).prefault('console'),
  development: z.boolean().prefault(false),
  sampling: z.unknown().optional(),
  output_paths: z.array(z.string()).prefault(['stderr']),
  error_output_paths: z.array(z.string()).prefault(['stderr']),
  disable_caller: z.boolean().prefault(false),
  disable_stacktrace: z.boolean().prefault(false),
  initial_fields: z.record(z.string(), z.unknown()).prefault({}),
  processors: z.unknown().optional(),
});

const telemetry = z.strictObject({
  logs: logs.prefault({}),
  metrics: metricsConfig.prefault({}),
  traces: tracesConfig.prefault({}),
  resource: resourceConfig.optional(),
});

const pipeline = z.strictObject({ receivers: ids, processors: ids, exporters: ids });

const service = z.strictObject({
  telemetry: telemetry.prefault({}),
  extensions: ids,
  pipelines: z.record(z.string(), pipeline.prefault({})).prefault({}),
});

/** The sections of a configuration. What stands below a component's id is that component's affair. */
export const topLevel = z.strictObject({
  receivers: section,
  processors: section,
  exporters: section,
  connectors: section,
  extensions: section,
  service: service.prefault({}),
});

export type TopLevel = z.output<typeof topLevel>;
export type LogsConfig = z.output<typeof logs>;
export type TelemetryConfig = z.output<typeof telemetry>;
