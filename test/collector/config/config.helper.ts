import { z } from 'zod';
import type { Factories } from '../../../src/collector/component.ts';
import { duration } from '../../../src/collector/config/duration.ts';
import { assertValid, type LoadedConfig, loadConfig } from '../../../src/collector/config/load.ts';

const component = { async start() {}, async shutdown() {} };
const stage = { ...component, async consumeTraces() {}, async consumeMetrics() {}, async consumeLogs() {} };
const nop = {
  type: 'nop',
  stability: 'beta',
  config: z.strictObject({}),
  createTraces: () => stage,
  createMetrics: () => stage,
  createLogs: () => stage,
} as const;

/** A component with one field of each kind the configuration code has to deal with. */
const everyField = z
  .strictObject({
    protocols: z
      .strictObject({
        grpc: z.strictObject({ endpoint: z.string().default('localhost:4317') }).optional(),
        http: z.strictObject({ endpoint: z.string().default('localhost:4318') }).optional(),
      })
      .prefault({}),
    timeout: duration('5s'),
    workers: z.number().int().positive().default(1),
    mode: z.enum(['enrich', 'nest']).default('enrich'),
    tls: z.boolean().default(false),
    headers: z.record(z.string(), z.string()).default({}),
    list: z.array(z.string()).default([]),
    retry: z.union([z.boolean(), z.number()]).default(true),
    ports: z.union([z.string(), z.number()], { error: 'must be ports like "80,8000-8100"' }).default('80'),
  })
  .superRefine(({ protocols }, context) => {
    if (!protocols.grpc && !protocols.http)
      context.addIssue({
        code: 'custom',
        message: 'must specify at least one protocol when using the OTLP receiver',
      });
  });

export const factories: Factories = {
  receivers: [nop, { ...nop, type: 'otlp', config: everyField }],
  processors: [
    nop,
    { type: 'batch', stability: 'beta', config: z.strictObject({}), createTraces: () => stage },
  ],
  exporters: [nop, { ...nop, type: 'otlp_http', aliases: ['otlphttp'] }],
  extensions: [
    { type: 'health_check', stability: 'beta', config: z.strictObject({}), create: () => component },
  ],
};

export const MINIMAL = `
receivers:
  nop:
exporters:
  nop:
service:
  pipelines:
    traces:
      receivers: [nop]
      exporters: [nop]
`;

export function load(yaml: string | readonly string[], env: Record<string, string> = {}): LoadedConfig {
  const locations = [yaml].flat().map((text) => `yaml:${text}`);
  return loadConfig({ locations, env }, factories);
}

/** What a receiver `otlp` with this body is configured with. */
export function receiver(body: string, env: Record<string, string> = {}): Record<string, unknown> {
  const loaded = load(
    [MINIMAL, `receivers:\n  otlp:\n    protocols: { grpc: }\n${body.replace(/^/gm, '    ')}`],
    env,
  );
  assertValid(loaded);
  return loaded.config.receivers.get('otlp')!.config;
}

/** The message of the error that a configuration gives, where the run would stop. */
export function failure(yaml: string | readonly string[], env: Record<string, string> = {}): string {
  try {
    assertValid(load(yaml, env));
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the configuration is valid');
}
