import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Signal } from '../../../src/collector/component.ts';
import { debugExporter } from '../../../src/exporter/debug/factory.ts';
import { Sampler } from '../../../src/exporter/debug/sampler.ts';
import { OtlpBatch } from '../../../src/otlp/batch.ts';
import { SHOP_ORDER, traceBatch } from '../../support/trace-batch.ts';
import { harness } from '../support/harness.ts';

const require = createRequire(import.meta.url);
const proto = require('@opentelemetry/otlp-transformer/build/src/generated/root.js').opentelemetry.proto;
const Requests = {
  traces: proto.collector.trace.v1.ExportTraceServiceRequest,
  metrics: proto.collector.metrics.v1.ExportMetricsServiceRequest,
  logs: proto.collector.logs.v1.ExportLogsServiceRequest,
};

const RESOURCE = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
const SCOPE = { name: 'lib', version: '1.0.0' };
const ATTRIBUTES = [
  { key: 'text', value: { stringValue: 'x' } },
  { key: 'number', value: { intValue: 7 } },
  { key: 'list', value: { arrayValue: { values: [{ intValue: 1 }, { boolValue: true }] } } },
];
const TIME = { low: 0, high: 406_000_000, unsigned: true };

const TRACES = {
  resourceSpans: [
    {
      resource: RESOURCE,
      scopeSpans: [
        {
          scope: SCOPE,
          spans: [
            {
              traceId: Buffer.from('4bf92f3577b34da6a3ce929d0e0e4736', 'hex'),
              spanId: Buffer.from('00f067aa0ba902b7', 'hex'),
              name: 'GET /',
              kind: 2,
              startTimeUnixNano: TIME,
              endTimeUnixNano: TIME,
              status: { code: 2, message: 'gone' },
              attributes: ATTRIBUTES,
              events: [{ name: 'retry', timeUnixNano: TIME, attributes: ATTRIBUTES.slice(0, 1) }],
              links: [{ traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 2) }],
            },
          ],
        },
      ],
    },
  ],
};

const METRICS = {
  resourceMetrics: [
    {
      resource: RESOURCE,
      scopeMetrics: [
        {
          scope: SCOPE,
          metrics: [
            {
              name: 'requests',
              unit: '1',
              sum: {
                isMonotonic: true,
                aggregationTemporality: 2,
                dataPoints: [{ asInt: 5, attributes: ATTRIBUTES.slice(0, 1) }],
              },
            },
            {
              name: 'latency',
              histogram: {
                aggregationTemporality: 1,
                dataPoints: [{ count: 3, sum: 6, explicitBounds: [1, 2], bucketCounts: [1, 1, 1] }],
              },
            },
            {
              name: 'sizes',
              exponentialHistogram: {
                dataPoints: [{ count: 1, scale: 0, positive: { offset: 1, bucketCounts: [1] } }],
              },
            },
            {
              name: 'times',
              summary: { dataPoints: [{ count: 2, sum: 4, quantileValues: [{ quantile: 0.5, value: 2 }] }] },
            },
          ],
        },
      ],
    },
  ],
};

const LOGS = {
  resourceLogs: [
    {
      resource: RESOURCE,
      scopeLogs: [
        {
          scope: SCOPE,
          logRecords: [
            {
              body: { stringValue: 'hello\x1b[2J' },
              severityNumber: 10,
              severityText: 'INFO',
              attributes: ATTRIBUTES,
            },
          ],
        },
      ],
    },
  ],
};

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'spanloom-debug-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function encode(signal: Signal, message: object, items: number): OtlpBatch {
  return new OtlpBatch(Requests[signal].encode(message).finish(), items);
}

/** What the exporter prints for one batch. */
async function printed(signal: Signal, config: object, batch: OtlpBatch): Promise<string> {
  const path = join(directory, 'out.txt');
  const parsed = debugExporter.config.parse({ ...config, output_paths: [path] });
  const { settings } = harness('debug/here');
  if (signal === 'traces')
    await run(debugExporter.createTraces(settings, parsed), (e) => e.consumeTraces(batch));
  if (signal === 'metrics')
    await run(debugExporter.createMetrics(settings, parsed), (e) => e.consumeMetrics(batch));
  if (signal === 'logs') await run(debugExporter.createLogs(settings, parsed), (e) => e.consumeLogs(batch));
  return readFileSync(path, 'utf8');
}

async function run<E extends { start(): Promise<void>; shutdown(): Promise<void> }>(
  exporter: E,
  use: (exporter: E) => Promise<void>,
): Promise<void> {
  await exporter.start();
  await use(exporter);
  await exporter.shutdown();
}

describe('debug exporter', () => {
  it('prints one line a batch by default', async () => {
    const line = /^\S+Z\tinfo\tTraces\t(\{.*\})\n$/.exec(await printed('traces', {}, traceBatch(SHOP_ORDER)));
    expect(JSON.parse(line![1]!)).toEqual({
      'otelcol.component.id': 'debug/here',
      'otelcol.component.kind': 'exporter',
      'otelcol.signal': 'traces',
      'resource spans': 10,
      spans: 10,
    });
    const metrics = await printed('metrics', { verbosity: 'Basic' }, encode('metrics', METRICS, 4));
    expect(metrics).toContain('"resource metrics": 1, "metrics": 4, "data points": 4');
    const logs = await printed('logs', {}, encode('logs', LOGS, 1));
    expect(logs).toContain('"resource logs": 1, "log records": 1');
  });

  it('prints one line a span, data point and log record in normal verbosity', async () => {
    const normal = { verbosity: 'normal' };
    expect((await printed('traces', normal, encode('traces', TRACES, 1))).split('\n').slice(1)).toEqual([
      'ResourceTraces #0 service.name=shop',
      'ScopeTraces #0 lib@1.0.0',
      'GET / 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7 text=x number=7 list=[1,true]',
      '',
    ]);
    rmSync(join(directory, 'out.txt'));
    expect((await printed('metrics', normal, encode('metrics', METRICS, 4))).split('\n').slice(3)).toEqual([
      'requests{text=x} 5',
      'latency{} count=3 sum=6 le1=1 le2=1 1',
      'sizes{} count=1',
      'times{} count=2 sum=4 q0.5=2',
      '',
    ]);
    rmSync(join(directory, 'out.txt'));
    expect((await printed('logs', normal, encode('logs', LOGS, 1))).split('\n').slice(1)).toEqual([
      'ResourceLog #0 service.name=shop',
      'ScopeLog #0 lib@1.0.0',
      'hello\\u001b[2J text=x number=7 list=[1,true]',
      '',
    ]);
  });

  it('prints every field of a span in detailed verbosity', async () => {
    const text = await printed('traces', { verbosity: 'detailed' }, encode('traces', TRACES, 1));
    expect(text.split('\n').slice(1).join('\n')).toBe(
      `
ResourceSpans #0
Resource SchemaURL: 
Resource attributes:
     -> service.name: Str(shop)
ScopeSpans #0
ScopeSpans SchemaURL: 
InstrumentationScope lib 1.0.0
Span #0
    Trace ID       : 4bf92f3577b34da6a3ce929d0e0e4736
    Parent ID      : 
    ID             : 00f067aa0ba902b7
    Name           : GET /
    Kind           : Server
    Start time     : 2025-04-04 08:52:02.176 +0000 UTC
    End time       : 2025-04-04 08:52:02.176 +0000 UTC
    Status code    : Error
    Status message : gone
Attributes:
     -> text: Str(x)
     -> number: Int(7)
     -> list: Slice([1,true])
Events:
SpanEvent #0
     -> Name: retry
     -> Timestamp: 2025-04-04 08:52:02.176 +0000 UTC
     -> Attributes::
         -> text: Str(x)
Links:
SpanLink #0
     -> Trace ID: 01010101010101010101010101010101
     -> ID: 0202020202020202
     -> TraceState: 
`.slice(1),
    );
  });

  it('prints every field of data points and log records in detailed verbosity', async () => {
    const detailed = { verbosity: 'detailed' };
    const metrics = await printed('metrics', detailed, encode('metrics', METRICS, 4));
    for (const line of [
      'Metric #0',
      '     -> Name: requests',
      '     -> DataType: Sum',
      '     -> IsMonotonic: true',
      '     -> AggregationTemporality: Cumulative',
      'NumberDataPoints #0',
      'Value: 5',
      'ExplicitBounds #1: 2',
      'Buckets #2, Count: 1',
      'Bucket (2.000000, 4.000000], Count: 1',
      'QuantileValue #0: Quantile 0.5, Value 2',
    ])
      expect(metrics.split('\n')).toContain(line);
    const logs = await printed('logs', detailed, encode('logs', LOGS, 1));
    for (const line of [
      'LogRecord #0',
      'SeverityNumber: Info2(10)',
      'Body: Str(hello\\u001b[2J)',
      'Flags: 0',
    ])
      expect(logs.split('\n')).toContain(line);
  });

  it('prints trees', async () => {
    const text = await printed('traces', { verbosity: 'tree' }, traceBatch(SHOP_ORDER));
    expect(text).toMatch(/^trace 4bf9/);
    expect(text).toContain('└─○ price  GET  redis');
  });

  it('refuses a batch that is no OTLP instead of ending', async () => {
    const batch = new OtlpBatch(Buffer.from([0xff, 0xff, 0xff]), 1);
    await expect(printed('traces', { verbosity: 'tree' }, batch)).rejects.toThrow('malformed OTLP');
  });

  it('says which output can not be opened', async () => {
    const config = debugExporter.config.parse({ output_paths: [directory] });
    await expect(debugExporter.createTraces(harness().settings, config).start()).rejects.toThrow(
      'output_paths: can not write to',
    );
  });
});

describe('Sampler', () => {
  it('passes the first of each second and then every n-th', () => {
    const sampler = new Sampler(2, 3);
    const taken = Array.from({ length: 9 }, () => sampler.take(0));
    expect(taken).toEqual([true, true, false, false, true, false, false, true, false]);
    expect(sampler.take(1000)).toBe(true);
  });

  it('passes nothing more when the rest is switched off', () => {
    const sampler = new Sampler(1, 0);
    expect([sampler.take(0), sampler.take(1), sampler.take(999)]).toEqual([true, false, false]);
  });
});
