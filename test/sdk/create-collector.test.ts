import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type CollectorOptions,
  createCollector,
  type ExporterFactory,
  inProcessReceiver,
  type ProcessorFactory,
  toReadableSpans,
  z,
} from '../../src/index.ts';
import { sdkSpan } from './support/sdk-spans.ts';

const directory = mkdtempSync(join(tmpdir(), 'spanloom-library-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const names: string[] = [];

const namesExporter: ExporterFactory<{ prefix: string }> = {
  type: 'names',
  stability: 'development',
  config: z.strictObject({ prefix: z.string().default('') }),
  createTraces: (_settings, { prefix }) => ({
    async start() {},
    async shutdown() {},
    async consumeTraces(batch) {
      for (const { name } of toReadableSpans(batch)) names.push(prefix + name);
    },
  }),
};

/** Stands in for the built-in one. */
const doubling: ProcessorFactory<Record<string, never>> = {
  type: 'batch',
  stability: 'development',
  config: z.strictObject({}),
  createTraces: (_settings, _config, next) => ({
    async start() {},
    async shutdown() {},
    async consumeTraces(batch) {
      await next.consumeTraces(batch);
      await next.consumeTraces(batch);
    },
  }),
};

const NOT_EXPANDED = '$' + '{env:HOME} ';

const YAML = `
receivers: { in_process: }
processors: { batch: }
exporters: { names: { prefix: "yaml " } }
service:
  telemetry: { metrics: { level: none } }
  pipelines:
    traces: { receivers: [in_process], processors: [batch], exporters: [names] }
`;
const pipelines = { traces: { receivers: ['in_process'], processors: ['batch'], exporters: ['names'] } };

/** Names that come out of a collector of this configuration, for one span. */
async function throughCollector(config: CollectorOptions['config']): Promise<string[]> {
  const { receiver, exporter } = inProcessReceiver();
  const collector = createCollector({
    config,
    receivers: [receiver],
    processors: [doubling],
    exporters: [namesExporter],
    logger: pino({ level: 'silent' }),
  });
  await collector.start();
  const result = await new Promise((resolve) => exporter.export([sdkSpan()], resolve));
  expect(result).toEqual({ code: 0 });
  await collector.shutdown();
  return names.splice(0);
}

describe('createCollector', () => {
  it('runs an object, with own components and those that take the place of built-in ones', async () => {
    const config = {
      receivers: { in_process: null },
      processors: { batch: {} },
      exporters: { names: { prefix: NOT_EXPANDED } },
      service: { pipelines },
    };
    expect(await throughCollector(config)).toEqual([`${NOT_EXPANDED}pay`, `${NOT_EXPANDED}pay`]);
  });

  it('runs a YAML file, and several locations merged', async () => {
    const file = join(directory, 'config.yaml');
    writeFileSync(file, YAML);
    expect(await throughCollector(file)).toEqual(['yaml pay', 'yaml pay']);
    const override = 'yaml:exporters::names::prefix: "over "';
    expect(await throughCollector([file, override])).toEqual(['over pay', 'over pay']);
  });

  it('serves metrics of an object only where it asks for them', async () => {
    const receivers = [inProcessReceiver().receiver];
    const start = async (telemetry: object) => {
      const messages: string[] = [];
      const logger = pino({ level: 'info' }, { write: (line: string) => messages.push(line) });
      const config = {
        receivers: { in_process: null },
        exporters: { nop: null },
        service: {
          telemetry: { ...telemetry },
          pipelines: { traces: { receivers: ['in_process'], exporters: ['nop'] } },
        },
      };
      const collector = createCollector({ config, receivers, logger });
      await collector.start();
      await collector.shutdown();
      return messages.filter((line) => line.includes('/metrics')).length;
    };
    const readers = [{ pull: { exporter: { prometheus: { host: '127.0.0.1', port: 0 } } } }];
    expect(await start({})).toBe(0);
    expect(await start({ metrics: { readers } })).toBe(1);
  });

  it('names what is wrong with a configuration when it starts', async () => {
    const collector = createCollector({
      config: { receivers: { in_process: null }, exporters: { naems: null }, service: { pipelines } },
      receivers: [inProcessReceiver().receiver],
      exporters: [namesExporter],
    });
    await expect(collector.start()).rejects.toMatchObject({
      code: 'SPANLOOM_CONFIG_UNKNOWN_TYPE',
      problems: [{ suggestion: 'names' }],
    });
  });
});
