import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { Collector } from '../../../src/collector/collector.ts';
import type { ConfigMap } from '../../../src/collector/config/merge.ts';
import { builtinFactories } from '../../../src/components.ts';
import { traceRequest } from '../../receiver-otlp/support/requests.ts';
import { recordingLogger } from '../recording.helper.ts';
import { readExposition } from './read-exposition.ts';

const ANY_PORT = { host: '127.0.0.1', port: 0 };
const BUILD = { command: 'spanloom', version: '1.2.3', description: '' };
const collectors: Collector[] = [];

afterEach(async () => {
  for (const collector of collectors.splice(0)) await collector.shutdown().catch(() => {});
});

function pullReader(prometheus: object, key = 'prometheus') {
  return { readers: [{ pull: { exporter: { [key]: prometheus } } }] };
}

/** A collector with every kind of component that counts, and these sections below `service::telemetry`. */
function create(telemetry: ConfigMap) {
  const { logger, lines } = recordingLogger();
  const object = {
    receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:0' } } } },
    processors: {
      memory_limiter: { check_interval: '1s', limit_percentage: 90 },
      correlate: null,
      batch: { timeout: '10ms' },
    },
    exporters: {
      otlp_http: { endpoint: 'http://127.0.0.1:9', sending_queue: { queue_size: 77 } },
      nop: null,
    },
    service: {
      telemetry,
      pipelines: {
        traces: {
          receivers: ['otlp'],
          processors: ['memory_limiter', 'correlate', 'batch'],
          exporters: ['otlp_http'],
        },
        'traces/nop': { receivers: ['otlp'], exporters: ['nop'] },
      },
    },
  };
  const collector = new Collector({
    config: { object },
    factories: builtinFactories,
    buildInfo: BUILD,
    logger,
    drainTimeoutMs: 200,
  });
  collectors.push(collector);
  const said = (msg: string) => lines.filter((line) => line.msg === msg);
  return {
    collector,
    said,
    metricsUrls: () => said('Serving internal metrics').map(({ url }) => String(url)),
  };
}

async function started(telemetry: ConfigMap) {
  const made = create(telemetry);
  await made.collector.start();
  const [url] = made.metricsUrls();
  const otlp = String(made.said('Starting HTTP server')[0]?.endpoint);
  return {
    ...made,
    url: url!,
    sendSpans: (count: number) =>
      fetch(`http://${otlp}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf' },
        body: Buffer.from(traceRequest(count)),
      }),
    scrape: async () => readExposition(await (await fetch(url!)).text()),
  };
}

/** The status of a plain request, and its page. */
async function answer(url: string, method: string) {
  const outgoing = request(url, { method }).end();
  const [response] = await once(outgoing, 'response');
  return { status: response.statusCode, page: await text(response) };
}

describe('service::telemetry::metrics', () => {
  it("serves the Collector's metrics and Spanloom's own, each with type and help", async () => {
    const { scrape, sendSpans } = await started({
      metrics: pullReader({ ...ANY_PORT, without_type_suffix: true, without_units: true }),
    });
    expect((await sendSpans(3)).status).toBe(200);
    const families = await scrape();
    for (const [name, type, labels, value] of [
      ['otelcol_receiver_accepted_spans', 'counter', { receiver: 'otlp', transport: 'http' }, 3],
      ['otelcol_receiver_refused_spans', 'counter', { receiver: 'otlp', transport: 'http' }, 0],
      ['otelcol_exporter_sent_spans', 'counter', { exporter: 'otlp_http' }, 0],
      ['otelcol_exporter_queue_size', 'gauge', { exporter: 'otlp_http', data_type: 'traces' }, 0],
      ['otelcol_exporter_queue_capacity', 'gauge', { exporter: 'otlp_http', data_type: 'traces' }, 77],
      ['otelcol_exporter_in_flight_requests', 'gauge', { exporter: 'otlp_http', data_type: 'traces' }, 0],
      ['otelcol_processor_incoming_items', 'counter', { processor: 'correlate', otel_signal: 'traces' }, 3],
      [
        'otelcol_processor_outgoing_items',
        'counter',
        { processor: 'memory_limiter', otel_signal: 'traces' },
        3,
      ],
      // What it holds has not been handed on.
      ['otelcol_processor_outgoing_items', 'counter', { processor: 'correlate', otel_signal: 'traces' }, 0],
      ['spanloom_correlate_late_spans', 'counter', { processor: 'correlate' }, 0],
    ] as const) {
      expect(families.get(name)?.type).toBe(type);
      expect(families.get(name)?.samples).toContainEqual({ labels, value });
    }
    for (const [name, { help, type }] of families) {
      expect(name).toMatch(/^(otelcol|spanloom)_|^target_info$/);
      expect([name, help]).not.toEqual([name, undefined]);
      expect(['counter', 'gauge']).toContain(type);
    }
  });

  it('shows the process', async () => {
    const { scrape } = await started({
      metrics: pullReader({ ...ANY_PORT, without_type_suffix: true, without_units: true }),
    });
    const first = await scrape();
    const second = await scrape();
    const value = (families: typeof first, name: string) => families.get(name)!.samples[0]!.value;
    for (const name of ['otelcol_process_uptime', 'otelcol_process_cpu_seconds']) {
      expect(first.get(name)?.type).toBe('counter');
      expect(value(second, name)).toBeGreaterThanOrEqual(value(first, name));
    }
    expect(value(first, 'otelcol_process_cpu_seconds')).toBeGreaterThan(0.01);
    expect(value(first, 'otelcol_process_cpu_seconds')).toBeLessThan(3600);
    expect(first.get('otelcol_process_memory_rss')?.type).toBe('gauge');
    expect(value(first, 'otelcol_process_memory_rss')).toBeGreaterThan(10 << 20);
  });

  it('puts type and unit at the end of names where a reader of its own does not say otherwise', async () => {
    for (const metrics of [pullReader(ANY_PORT), pullReader(ANY_PORT, 'prometheus/development')]) {
      const { scrape } = await started({ metrics });
      const families = await scrape();
      for (const [name, type] of [
        ['otelcol_receiver_accepted_spans_total', 'counter'],
        ['otelcol_exporter_queue_size', 'gauge'],
        ['otelcol_process_uptime_seconds_total', 'counter'],
        ['otelcol_process_cpu_seconds_total', 'counter'],
        ['otelcol_process_memory_rss_bytes', 'gauge'],
        ['otelcol_process_runtime_heap_alloc_bytes', 'gauge'],
      ])
        expect([name, families.get(name!)?.type]).toEqual([name, type]);
    }
  });

  it('reads the newer schema of the exporter', async () => {
    const { scrape } = await started({
      metrics: pullReader(
        {
          ...ANY_PORT,
          translation_strategy: 'underscore_escaping_without_suffixes',
          without_target_info: true,
          with_resource_constant_labels: { included: ['service.*'], excluded: ['service.instance.id'] },
        },
        'prometheus/development',
      ),
    });
    const families = await scrape();
    expect(families.has('target_info')).toBe(false);
    expect(families.get('otelcol_process_uptime')?.samples[0]?.labels).toEqual({
      service_name: 'spanloom',
      service_version: '1.2.3',
    });
  });

  it('describes the collector by its resource', async () => {
    const metrics = pullReader({ ...ANY_PORT, with_resource_constant_labels: {} });
    const legacy = await started({
      metrics,
      resource: { 'service.name': 'edge', 'service.version': null, 'deployment.environment.name': 'te"st' },
    });
    const listed = await started({ metrics, resource: { attributes: [{ name: 'host.name', value: 7 }] } });
    const expected = {
      service_name: 'edge',
      deployment_environment_name: 'te"st',
      service_instance_id: expect.any(String),
    };
    const families = await legacy.scrape();
    expect(families.get('target_info')?.samples).toEqual([{ labels: expected, value: 1 }]);
    expect(families.get('otelcol_receiver_accepted_spans_total')?.samples).toEqual([
      { labels: { ...expected, receiver: 'otlp', transport: 'http' }, value: 0 },
    ]);
    expect((await listed.scrape()).get('target_info')?.samples[0]?.labels).toEqual({
      service_name: 'spanloom',
      service_version: '1.2.3',
      service_instance_id: expect.any(String),
      host_name: '7',
    });
  });

  it('answers GET and HEAD on /metrics only', async () => {
    const { url } = await started({ metrics: pullReader(ANY_PORT) });
    expect((await fetch(url)).headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect((await fetch(`${url}?name[]=x`)).status).toBe(200);
    expect(await answer(url, 'HEAD')).toEqual({ status: 200, page: '' });
    expect((await answer(url, 'POST')).status).toBe(405);
    for (const path of ['/', '/metrics/', '/health'])
      expect((await answer(new URL(path, url).href, 'GET')).status).toBe(404);
  });

  it('serves nothing at level none', async () => {
    const { metricsUrls, said } = await started({ metrics: { level: 'None', ...pullReader(ANY_PORT) } });
    expect(metricsUrls()).toEqual([]);
    expect(said('Internal metrics telemetry disabled')).toHaveLength(1);
  });

  it('serves each reader, and none any more after shutdown', async () => {
    const { collector, metricsUrls } = await started({
      metrics: { readers: [...pullReader(ANY_PORT).readers, ...pullReader(ANY_PORT).readers] },
    });
    const urls = metricsUrls();
    expect(new Set(urls).size).toBe(2);
    for (const url of urls) expect((await fetch(url)).status).toBe(200);
    await collector.shutdown();
    for (const url of urls) await expect(fetch(url)).rejects.toThrow();
  });

  it('goes on counting across a reload', async () => {
    const { collector, metricsUrls, sendSpans } = await started({ metrics: pullReader(ANY_PORT) });
    await sendSpans(2);
    await collector.reload();
    const families = readExposition(await (await fetch(metricsUrls().at(-1)!)).text());
    expect(families.get('otelcol_receiver_accepted_spans_total')?.samples[0]?.value).toBe(2);
  });

  it('ends the start where its port is taken, and says what to change', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const { collector } = create({ metrics: pullReader({ host: 'localhost', port }) });
    await expect(collector.start()).rejects.toThrow(
      new RegExp(
        `^failed to create meter provider: binding address localhost:${port} for Prometheus exporter: listen tcp ` +
          `localhost:${port}: .*EADDRINUSE.*service::telemetry::metrics::readers.*service::telemetry::metrics::level: none$`,
      ),
    );
    expect(collector.state).toBe('closed');
    taken.close();
  });
});
