import { afterEach, describe, expect, it } from 'vitest';
import { PermanentError, RetryableError } from '../../src/error.ts';
import { otlpGrpcExporter } from '../../src/exporter/otlp/factory.ts';
import { otlpHttpExporter } from '../../src/exporter/otlphttp/factory.ts';
import { GrpcSink, HttpSink, type OtlpSink, type SinkOptions } from '../support/otlp-sink.ts';
import { batch, type Harness, harness, until } from './support/harness.ts';

const UNAVAILABLE = { otlp_grpc: 14, otlp_http: 503 };
const INVALID = { otlp_grpc: 3, otlp_http: 400 };
const SOON = { initial_interval: '10ms', max_interval: '40ms' };

const kinds = [
  {
    kind: 'otlp_grpc' as const,
    listen: (options: SinkOptions = {}): Promise<OtlpSink> => GrpcSink.start(options),
    create: (h: Harness, port: number, more: object) =>
      otlpGrpcExporter.createTraces(
        h.settings,
        otlpGrpcExporter.config.parse({
          endpoint: `127.0.0.1:${port}`,
          tls: { insecure: true },
          retry_on_failure: SOON,
          ...more,
        }),
      ),
  },
  {
    kind: 'otlp_http' as const,
    listen: (options: SinkOptions = {}): Promise<OtlpSink> => HttpSink.start(options),
    create: (h: Harness, port: number, more: object) =>
      otlpHttpExporter.createTraces(
        h.settings,
        otlpHttpExporter.config.parse({
          endpoint: `http://127.0.0.1:${port}`,
          retry_on_failure: SOON,
          ...more,
        }),
      ),
  },
];

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

describe.each(kinds)('$kind exporter', ({ kind, listen, create }) => {
  async function sinkAndExporter(more: object = {}, respond?: SinkOptions['respond']) {
    const sink = await listen(respond ? { respond } : {});
    undo.push(() => sink.kill());
    return { sink, ...(await exporterTo(sink.port, more)) };
  }

  async function exporterTo(port: number, more: object = {}) {
    const h = harness();
    const exporter = create(h, port, more);
    await exporter.start();
    undo.push(() => exporter.shutdown());
    return { h, exporter };
  }

  const bodies = (sink: OtlpSink) => sink.accepted.map(({ body }) => body.toString()).sort();
  const refuse = (status: number, message = '', retryAfter?: number) => ({
    status,
    message,
    ...(retryAfter !== undefined && { retryAfter }),
  });

  it.each(['gzip', 'none'])('delivers every body as it is (compression %s)', async (compression) => {
    const { sink, exporter, h } = await sinkAndExporter({ compression });
    const long = 'x'.repeat(300_000);
    const sent = ['a', 'b', long];
    for (const label of sent) await exporter.consumeTraces(batch(label, 3));
    await sink.acceptedAtLeast(3);
    await exporter.shutdown();
    expect(bodies(sink)).toEqual(sent);
    expect(h.count('otelcol_exporter_sent_spans')).toBe(9);
    expect(h.count('otelcol_exporter_send_failed_spans')).toBe(0);
    expect(h.count('otelcol_exporter_queue_size')).toBe(0);
    expect(h.count('otelcol_exporter_queue_capacity')).toBe(1000);
    expect(h.count('otelcol_exporter_in_flight_requests')).toBe(0);
  });

  it('sends the configured headers and says who it is', async () => {
    const { sink, exporter } = await sinkAndExporter({ headers: { 'X-Tenant': 'blue' } });
    await exporter.consumeTraces(batch('a'));
    await sink.acceptedAtLeast(1);
    expect(sink.requests[0]!.headers).toMatchObject({ 'x-tenant': 'blue' });
    expect(sink.requests[0]!.headers['user-agent']).toContain('spanloom/1.2.3');
  });

  it('repeats a request that the backend can not take now, and delivers it once', async () => {
    const { sink, exporter, h } = await sinkAndExporter({}, (_, index) =>
      index < 3 ? refuse(UNAVAILABLE[kind]) : 'ok',
    );
    await exporter.consumeTraces(batch('a'));
    await sink.acceptedAtLeast(1);
    await exporter.shutdown();
    expect(sink.requests).toHaveLength(4);
    expect(bodies(sink)).toEqual(['a']);
    expect(h.count('otelcol_exporter_sent_spans')).toBe(1);
    expect(h.count('otelcol_exporter_send_failed_spans')).toBe(0);
    expect(h.logs.filter(({ level }) => level >= 40)).toHaveLength(1);
  });

  it('waits as long as the backend asks', async () => {
    let refusedAt = 0;
    let acceptedAt = 0;
    const { sink, exporter } = await sinkAndExporter({}, (_, index) => {
      if (index > 0) {
        acceptedAt = performance.now();
        return 'ok';
      }
      refusedAt = performance.now();
      return refuse(UNAVAILABLE[kind], 'later', 1);
    });
    await exporter.consumeTraces(batch('a'));
    await sink.acceptedAtLeast(1);
    // Timers of Node may fire up to a millisecond early.
    expect(acceptedAt - refusedAt).toBeGreaterThan(998);
  });

  it('drops what the backend will never take, counts it and says so once', async () => {
    const { sink, exporter, h } = await sinkAndExporter({}, () => refuse(INVALID[kind], 'bad span id'));
    for (const label of ['a', 'b', 'c']) await exporter.consumeTraces(batch(label, 2));
    await until(() => h.count('otelcol_exporter_send_failed_spans') === 6);
    await exporter.shutdown();
    expect(sink.requests).toHaveLength(3);
    const errors = h.logs.filter(({ level }) => level >= 50).map(({ msg }) => msg);
    expect(errors).toHaveLength(2);
    expect(errors[0]).toContain('Dropping 2 spans');
    expect(errors[0]).toContain('bad span id');
    expect(errors[1]).toContain('4 more spans in 2 batches');
  });

  it('neither repeats a partial success nor hides what was rejected', async () => {
    const { sink, exporter, h } = await sinkAndExporter({}, () => ({ rejected: 2, message: 'too old' }));
    await exporter.consumeTraces(batch('a', 5));
    await until(() => h.count('otelcol_exporter_sent_spans') === 3);
    await exporter.shutdown();
    expect(sink.requests).toHaveLength(1);
    expect(h.count('otelcol_exporter_send_failed_spans')).toBe(2);
    expect(h.logs.some(({ msg }) => msg.includes('too old'))).toBe(true);
  });

  it('logs the warning of a full success', async () => {
    const { exporter, h } = await sinkAndExporter({}, () => ({ rejected: 0, message: 'use v2' }));
    await exporter.consumeTraces(batch('a', 5));
    await until(() => h.count('otelcol_exporter_sent_spans') === 5);
    expect(h.logs.filter(({ level, msg }) => level === 40 && msg.includes('use v2'))).toHaveLength(1);
  });

  it('keeps what it accepted while nobody listens, and delivers it when the backend comes', async () => {
    const probe = await listen();
    const { port } = probe;
    await probe.close();
    const { exporter, h } = await exporterTo(port);
    for (const label of ['a', 'b', 'c']) await exporter.consumeTraces(batch(label));
    await until(() => h.logs.some(({ msg }) => msg.includes('Will retry')));
    const sink = await listen({ port });
    undo.push(() => sink.kill());
    await sink.acceptedAtLeast(3);
    expect(bodies(sink)).toEqual(['a', 'b', 'c']);
    expect(h.count('otelcol_exporter_send_failed_spans')).toBe(0);
  });

  it('loses and repeats nothing when the backend restarts in an orderly way', async () => {
    let sink = await listen();
    const { port } = sink;
    const { exporter, h } = await exporterTo(port, { sending_queue: { num_consumers: 4 } });
    const labels = Array.from({ length: 200 }, (_, i) => `batch ${i}`);
    const delivered: string[] = [];
    for (const [i, label] of labels.entries()) {
      await exporter.consumeTraces(batch(label));
      if (i % 100 !== 50) continue;
      await sink.acceptedAtLeast(1);
      await sink.close();
      delivered.push(...bodies(sink));
      sink = await listen({ port });
    }
    undo.push(() => sink.kill());
    await until(() => h.count('otelcol_exporter_sent_spans') === labels.length);
    delivered.push(...bodies(sink));
    expect(delivered.sort()).toEqual([...labels].sort());
  });

  it('loses nothing when the backend dies with requests under way', async () => {
    let sink = await listen({ respond: (_, index) => (index < 5 ? 'ok' : new Promise(() => {})) });
    const { port } = sink;
    const { exporter } = await exporterTo(port, { sending_queue: { num_consumers: 4 } });
    const labels = Array.from({ length: 30 }, (_, i) => `batch ${i}`);
    for (const label of labels) await exporter.consumeTraces(batch(label));
    await until(() => sink.requests.length === 9);
    const before = bodies(sink);
    sink.kill();
    sink = await listen({ port });
    undo.push(() => sink.kill());
    await sink.acceptedAtLeast(labels.length - before.length);
    expect(new Set([...before, ...bodies(sink)])).toEqual(new Set(labels));
  });

  it('gives up after max_elapsed_time', async () => {
    const { exporter, h } = await sinkAndExporter(
      { retry_on_failure: { initial_interval: '5ms', max_interval: '20ms', max_elapsed_time: '100ms' } },
      () => refuse(UNAVAILABLE[kind], 'down for ever'),
    );
    await exporter.consumeTraces(batch('a', 7));
    await until(() => h.count('otelcol_exporter_send_failed_spans') === 7);
    expect(h.logs.some(({ msg }) => msg.includes('no more retries left'))).toBe(true);
  });

  it('does not repeat when retries are off', async () => {
    const { sink, exporter, h } = await sinkAndExporter({ retry_on_failure: { enabled: false } }, () =>
      refuse(UNAVAILABLE[kind]),
    );
    await exporter.consumeTraces(batch('a', 7));
    await until(() => h.count('otelcol_exporter_send_failed_spans') === 7);
    expect(sink.requests).toHaveLength(1);
  });

  it('tries again when an answer does not come in time', async () => {
    const { sink, exporter } = await sinkAndExporter({ timeout: '150ms' }, (_, index) =>
      index === 0 ? new Promise(() => {}) : 'ok',
    );
    await exporter.consumeTraces(batch('a'));
    await sink.acceptedAtLeast(1);
    expect(sink.requests).toHaveLength(2);
  });

  it('refuses with a retryable error when the queue is full, and counts it', async () => {
    let release = (): void => {};
    const released = new Promise<'ok'>((resolve) => {
      release = () => resolve('ok');
    });
    const { exporter, h } = await sinkAndExporter(
      { sending_queue: { queue_size: 3, num_consumers: 1 } },
      () => released,
    );
    for (const label of ['a', 'b', 'c']) await exporter.consumeTraces(batch(label));
    const refused = exporter.consumeTraces(batch('d', 4));
    await expect(refused).rejects.toBeInstanceOf(RetryableError);
    await expect(refused).rejects.toThrow('the sending queue is full (3 requests)');
    expect(h.count('otelcol_exporter_enqueue_failed_spans')).toBe(4);
    expect(h.count('otelcol_exporter_queue_size')).toBe(3);
    release();
  });

  it('tells a caller that waits for the result what became of the batch', async () => {
    const { exporter } = await sinkAndExporter({ sending_queue: { wait_for_result: true } }, ({ body }) =>
      body.toString() === 'good' ? 'ok' : refuse(INVALID[kind], 'no'),
    );
    await expect(exporter.consumeTraces(batch('good'))).resolves.toBeUndefined();
    await expect(exporter.consumeTraces(batch('bad'))).rejects.toBeInstanceOf(PermanentError);
  });

  it('sends directly, with retries, when the queue is off', async () => {
    const { sink, exporter } = await sinkAndExporter({ sending_queue: { enabled: false } }, (_, index) =>
      index === 0 ? refuse(UNAVAILABLE[kind]) : 'ok',
    );
    await exporter.consumeTraces(batch('a'));
    expect(bodies(sink)).toEqual(['a']);
  });

  it('sends all that is queued before it stops, without waiting for backoffs', async () => {
    let up = false;
    const { sink, exporter, h } = await sinkAndExporter(
      { retry_on_failure: {}, sending_queue: { num_consumers: 2 } },
      () => (up ? 'ok' : refuse(UNAVAILABLE[kind])),
    );
    const labels = Array.from({ length: 20 }, (_, i) => `batch ${10 + i}`);
    for (const label of labels) await exporter.consumeTraces(batch(label));
    await until(() => sink.requests.length === 2);
    up = true;
    await exporter.shutdown();
    expect(bodies(sink)).toEqual(labels);
    expect(h.count('otelcol_exporter_sent_spans')).toBe(20);
    await expect(exporter.consumeTraces(batch('late'))).rejects.toBeInstanceOf(RetryableError);
  });

  it('tries everything once more at shutdown, then counts it as lost', async () => {
    const { sink, exporter, h } = await sinkAndExporter(
      { retry_on_failure: {}, sending_queue: { num_consumers: 2 } },
      () => refuse(UNAVAILABLE[kind], 'still down'),
    );
    for (let i = 0; i < 6; i++) await exporter.consumeTraces(batch(`${i}`, 10));
    await until(() => sink.requests.length === 2);
    await exporter.shutdown();
    expect(new Set(sink.requests.map(({ body }) => body.toString())).size).toBe(6);
    expect(h.count('otelcol_exporter_send_failed_spans')).toBe(60);
    expect(h.logs.some(({ msg }) => msg.includes('still down'))).toBe(true);
  });

  it('can be shut down without start, and twice', async () => {
    const exporter = create(harness(), 1, {});
    await exporter.shutdown();
    await exporter.shutdown();
  });
});
