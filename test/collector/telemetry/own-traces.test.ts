import { setTimeout as sleep } from 'node:timers/promises';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterEach, describe, expect, it } from 'vitest';
import { freePorts } from '../../../examples/shop/run/free-ports.ts';
import { Collector } from '../../../src/collector/collector.ts';
import type { ConfigMap } from '../../../src/collector/config/merge.ts';
import type { OwnTracerProvider } from '../../../src/collector/telemetry/traces/tracing.ts';
import { builtinFactories } from '../../../src/components.ts';
import { OtlpBatch } from '../../../src/otlp/batch.ts';
import { countItems } from '../../../src/otlp/count-items.ts';
import { toReadableSpans } from '../../../src/sdk/decode/to-readable-spans.ts';
import { traceRequest } from '../../receiver-otlp/support/requests.ts';
import { GrpcSink, HttpSink, type OtlpSink } from '../../support/otlp-sink.ts';
import { recordingLogger } from '../recording.helper.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.reverse().splice(0)) await close();
});

function kept<T extends OtlpSink & { close(): Promise<void> }>(sink: T): T {
  closing.push(() => sink.close());
  return sink;
}

/** A collector between one OTLP receiver and one backend, and how to send it a request. */
async function start(backend: string, traces: ConfigMap, tracerProvider?: OwnTracerProvider) {
  const [port] = (await freePorts(1)) as [number];
  const { logger, lines } = recordingLogger();
  const collector = new Collector({
    config: {
      object: {
        receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
        exporters: { otlp_http: { endpoint: backend, retry_on_failure: { enabled: false } } },
        service: {
          telemetry: { metrics: { level: 'none' }, resource: { 'service.name': 'edge' }, traces },
          pipelines: { traces: { receivers: ['otlp'], exporters: ['otlp_http'] } },
        },
      },
    },
    factories: builtinFactories,
    buildInfo: { command: 'spanloom', version: '1.2.3', description: '' },
    logger,
    ...(tracerProvider && { tracerProvider }),
  });
  closing.push(() => collector.shutdown());
  await collector.start();
  const url = `http://127.0.0.1:${port}`;
  const send = async () => {
    const headers = { 'content-type': 'application/x-protobuf' };
    const answer = await fetch(`${url}/v1/traces`, { method: 'POST', headers, body: traceRequest(3) });
    expect(answer.status).toBe(200);
  };
  return { collector, url, send, lines };
}

const spansOf = ({ accepted }: OtlpSink) =>
  accepted.flatMap(({ body }) => toReadableSpans(new OtlpBatch(body, countItems('traces', body))));

function summary(sink: OtlpSink): unknown[] {
  return spansOf(sink)
    .map(({ name, status, attributes, resource }) => {
      const { 'spanloom.collector.id': _, ...rest } = attributes;
      return [name, status.code, resource.attributes['service.name'], rest];
    })
    .sort();
}

const otlp = (protocol: string, endpoint: string, more: object = {}): ConfigMap => ({
  processors: [{ batch: { schedule_delay: 50, exporter: { otlp: { protocol, endpoint, ...more } } } }],
});

const EXPECTED = [
  [
    'exporter/otlp_http/traces',
    0,
    'edge',
    { exporter: 'otlp_http', data_type: 'traces', 'items.sent': 3, 'items.failed': 0 },
  ],
  [
    'receiver/otlp/TraceDataReceived',
    0,
    'edge',
    { receiver: 'otlp', transport: 'http', accepted_spans: 3, refused_spans: 0 },
  ],
];

describe('own traces', () => {
  it.each([
    ['http/protobuf', 'otlp'],
    ['grpc', 'otlp'],
    ['http/protobuf', 'otlp_http'],
    ['grpc', 'otlp_grpc'],
  ])('go by %s to where service::telemetry::traces says, in the schema of %s', async (protocol, key) => {
    const backend = kept(await HttpSink.start());
    const sink = kept(await (protocol === 'grpc' ? GrpcSink.start() : HttpSink.start()));
    const endpoint = `http://127.0.0.1:${sink.port}`;
    const section =
      key === 'otlp'
        ? otlp(protocol, endpoint, { headers: [{ name: 'x-key', value: 'secret' }] })
        : { processors: [{ simple: { exporter: { [key]: { endpoint, headers: { 'x-key': 'secret' } } } } }] };
    const { collector, send } = await start(`http://127.0.0.1:${backend.port}`, section);
    await send();
    await backend.acceptedAtLeast(1);
    await collector.shutdown();
    expect(summary(sink)).toEqual(EXPECTED);
    expect(sink.accepted.map(({ headers }) => headers['x-key'])).toContain('secret');
    expect(backend.accepted).toHaveLength(1);
  });

  it('say what failed', async () => {
    const sink = kept(await HttpSink.start());
    const { collector, send } = await start(
      'http://127.0.0.1:9',
      otlp('http/protobuf', `http://127.0.0.1:${sink.port}/v1/traces`),
    );
    await send();
    await collector.shutdown();
    const failed = spansOf(sink).find(({ name }) => name === 'exporter/otlp_http/traces')!;
    expect(failed.status.code).toBe(2);
    expect(failed.status.message).toContain('ECONNREFUSED');
    expect(failed.attributes).toMatchObject({ 'items.sent': 0, 'items.failed': 3 });
  });

  it('that come back to the collector are handed on and not traced again', async () => {
    const backend = kept(await HttpSink.start());
    const [port] = (await freePorts(1)) as [number];
    const { logger } = recordingLogger();
    const collector = new Collector({
      config: {
        object: {
          receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
          exporters: { otlp_http: { endpoint: `http://127.0.0.1:${backend.port}` } },
          service: {
            telemetry: {
              metrics: { level: 'none' },
              traces: otlp('http/protobuf', `http://127.0.0.1:${port}`),
            },
            pipelines: { traces: { receivers: ['otlp'], exporters: ['otlp_http'] } },
          },
        },
      },
      factories: builtinFactories,
      logger,
    });
    closing.push(() => collector.shutdown());
    await collector.start();
    const headers = { 'content-type': 'application/x-protobuf' };
    await fetch(`http://127.0.0.1:${port}/v1/traces`, { method: 'POST', headers, body: traceRequest(3) });
    await backend.acceptedAtLeast(2);
    await sleep(300);
    const names = spansOf(backend).map(({ name }) => name);
    expect(names.filter((name) => name.includes('/')).sort()).toEqual([
      'exporter/otlp_http/traces',
      'receiver/otlp/TraceDataReceived',
    ]);
  });

  it('go to the tracer provider that an application gives', async () => {
    const backend = kept(await HttpSink.start());
    const memory = new InMemorySpanExporter();
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory)] });
    const { collector, send } = await start(`http://127.0.0.1:${backend.port}`, {}, provider);
    await send();
    await backend.acceptedAtLeast(1);
    await collector.shutdown();
    expect(
      memory
        .getFinishedSpans()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['exporter/otlp_http/traces', 'receiver/otlp/TraceDataReceived']);
  });

  it('are none at level none, without processors, and with a sampler that takes none', async () => {
    const backend = kept(await HttpSink.start());
    const sink = kept(await HttpSink.start());
    const section = otlp('http/protobuf', `http://127.0.0.1:${sink.port}`);
    for (const traces of [
      { ...section, level: 'none' },
      { level: 'detailed' },
      { ...section, sampler: { parent_based: { root: { always_off: {} } } } },
      { ...section, sampler: { trace_id_ratio_based: { ratio: 0 } } },
    ]) {
      const { collector, send } = await start(`http://127.0.0.1:${backend.port}`, traces);
      await send();
      await collector.shutdown();
    }
    expect(sink.requests).toEqual([]);
  });

  it.each<[string, ConfigMap, string]>([
    ['a processor without exporter', { processors: [{ batch: { exporter: {} } }] }, 'needs one exporter'],
    ['a processor of no kind', { processors: [{}] }, 'a processor is either batch or simple'],
    [
      'no protocol',
      { processors: [{ simple: { exporter: { otlp: { endpoint: 'x:1' } } } }] },
      'requires a "protocol"',
    ],
    ['an unknown key', { procesors: [] }, 'has invalid keys: procesors'],
  ])('refuse %s', async (_, traces, message) => {
    await expect(start('http://127.0.0.1:9', traces)).rejects.toThrow(message);
  });

  it('say which of their settings have no effect', async () => {
    const { lines } = await start('http://127.0.0.1:9', { propagators: ['tracecontext', 'b3'] });
    expect(lines.map(({ msg }) => msg)).toContain(
      'service::telemetry::traces::propagators is accepted for compatibility and has no effect',
    );
  });
});
