import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { otlpHttpExporter } from '../../../src/exporter/otlphttp/factory.ts';
import { retryAfterMs } from '../../../src/exporter/otlphttp/retry-after.ts';
import { OtlpBatch } from '../../../src/otlp/batch.ts';
import { logRequest, traceRequest } from '../../receiver-otlp/support/requests.ts';
import { HttpSink } from '../../support/otlp-sink.ts';
import { makeCertificate } from '../support/certificates.ts';
import { batch, harness, until } from '../support/harness.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

function parsed(config: object) {
  return otlpHttpExporter.config.parse({
    retry_on_failure: { initial_interval: '10ms', max_interval: '20ms' },
    ...config,
  });
}

async function exporterWith(config: object) {
  const h = harness('otlp_http');
  const exporter = otlpHttpExporter.createTraces(h.settings, parsed(config));
  await exporter.start();
  undo.push(() => exporter.shutdown());
  return { h, exporter };
}

async function sink() {
  const started = await HttpSink.start();
  undo.push(() => started.kill());
  return started;
}

async function bareServer(answer: RequestListener) {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  undo.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('otlp_http exporter', () => {
  it.each([
    ['', '/v1/traces'],
    ['/', '/v1/traces'],
    ['/otlp', '/otlp/v1/traces'],
    ['/otlp/', '/otlp/v1/traces'],
  ])('appends the path of the signal to an endpoint that ends in "%s"', async (suffix, path) => {
    const backend = await sink();
    const { exporter } = await exporterWith({ endpoint: `http://${backend.endpoint}${suffix}` });
    await exporter.consumeTraces(batch('a'));
    await backend.acceptedAtLeast(1);
    expect(backend.requests[0]!.headers).toMatchObject({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/x-protobuf',
      'content-encoding': 'gzip',
      'user-agent': 'spanloom/1.2.3',
    });
  });

  it("takes a signal's own endpoint as it is", async () => {
    const backend = await sink();
    const { exporter } = await exporterWith({
      endpoint: 'http://127.0.0.1:1',
      traces_endpoint: `http://${backend.endpoint}/in?key=1`,
    });
    await exporter.consumeTraces(batch('a'));
    await backend.acceptedAtLeast(1);
    expect(backend.requests[0]!.headers[':path']).toBe('/in?key=1');
  });

  it('sends metrics and logs as well', async () => {
    const backend = await sink();
    const h = harness('otlp_http');
    const config = parsed({ endpoint: `http://${backend.endpoint}` });
    const metrics = otlpHttpExporter.createMetrics(h.settings, config);
    const logs = otlpHttpExporter.createLogs(h.settings, config);
    await metrics.start();
    await logs.start();
    await metrics.consumeMetrics(batch('m', 2));
    await logs.consumeLogs(batch('l', 3));
    await metrics.shutdown();
    await logs.shutdown();
    expect(backend.accepted.map(({ signal, body }) => [signal, body.toString()])).toEqual([
      ['metrics', 'm'],
      ['logs', 'l'],
    ]);
    expect(h.count('otelcol_exporter_sent_metric_points')).toBe(2);
    expect(h.count('otelcol_exporter_sent_log_records')).toBe(3);
  });

  it.each([
    ['zlib', 'deflate'],
    ['deflate', 'deflate'],
    ['none', undefined],
    ['', undefined],
  ])('compresses with "%s"', async (compression, encoding) => {
    const backend = await sink();
    const { exporter } = await exporterWith({ endpoint: `http://${backend.endpoint}`, compression });
    await exporter.consumeTraces(batch('hello'));
    await backend.acceptedAtLeast(1);
    expect(backend.accepted[0]!.body.toString()).toBe('hello');
    expect(backend.requests[0]!.headers['content-encoding']).toBe(encoding);
  });

  it('sends OTLP/JSON where asked to', async () => {
    const received: { readonly type: string | undefined; readonly page: string }[] = [];
    const endpoint = await bareServer(async (request, response) => {
      const body = gunzipSync(await buffer(request));
      received.push({ type: request.headers['content-type'], page: body.toString() });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
    const h = harness('otlp_http');
    const logs = otlpHttpExporter.createLogs(h.settings, parsed({ endpoint, encoding: 'json' }));
    await logs.start();
    await logs.consumeLogs(new OtlpBatch(logRequest(), 1));
    await logs.shutdown();
    const page = '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityText":"INFO"}]}]}]}';
    expect(received).toEqual([{ type: 'application/json', page }]);
    expect(h.count('otelcol_exporter_sent_log_records')).toBe(1);
    expect(h.logs.filter(({ level }) => level > 30)).toEqual([]);
  });

  it.each([
    [
      '{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}',
      2,
      'the backend rejected them: too old',
    ],
    [
      '{"partialSuccess":{"rejectedSpans":2,"errorMessage":"too old"}}',
      2,
      'the backend rejected them: too old',
    ],
    ['{"partialSuccess":{"errorMessage":"slow down"}}', 0, 'with a warning: slow down'],
    ['{"partialSuccess":{"rejectedSpans":"x"}}', 0, ''],
    ['{"partialSuccess":null}', 0, ''],
    ['[broken', 0, 'with a warning: the response can not be read'],
  ])('reads the response %s', async (page, rejected, said) => {
    const endpoint = await bareServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(page);
    });
    const { exporter, h } = await exporterWith({ endpoint, encoding: 'json' });
    await exporter.consumeTraces(new OtlpBatch(traceRequest(3), 3));
    await exporter.shutdown();
    expect(h.count('otelcol_exporter_sent_spans')).toBe(3 - rejected);
    expect(h.count('otelcol_exporter_send_failed_spans')).toBe(rejected);
    expect(h.logs.some(({ msg }) => said !== '' && msg.includes(said))).toBe(said !== '');
  });

  it.each([429, 502, 503, 504])('retries response code %i', async (status) => {
    const backend = await sink();
    backend.respond = (_, index) => (index === 0 ? { status } : 'ok');
    const { exporter } = await exporterWith({ endpoint: `http://${backend.endpoint}` });
    await exporter.consumeTraces(batch('a'));
    await backend.acceptedAtLeast(1);
    expect(backend.requests).toHaveLength(2);
  });

  it.each([301, 400, 401, 403, 404, 408, 413, 500, 501])('drops after response code %i', async (status) => {
    const backend = await sink();
    backend.respond = () => ({ status, message: 'because' });
    const { exporter, h } = await exporterWith({ endpoint: `http://${backend.endpoint}` });
    await exporter.consumeTraces(batch('a'));
    await until(() => h.count('otelcol_exporter_send_failed_spans') === 1);
    expect(backend.requests).toHaveLength(1);
    expect(
      h.logs.some(({ msg }) => msg.includes(`responded with HTTP Status Code ${status}, Message=because`)),
    ).toBe(true);
  });

  it.each([
    ['application/json', '{"code":3,"message":"bad \\u00fc"}', 'Message=bad ü'],
    ['text/plain', ' not here ', 'Message=not here'],
    ['application/json', '{broken', 'Message={broken'],
  ])('reads the reason from %s', async (type, page, message) => {
    const endpoint = await bareServer((request, response) => {
      request.resume();
      response.writeHead(400, { 'content-type': type }).end(page);
    });
    const { exporter, h } = await exporterWith({ endpoint });
    await exporter.consumeTraces(batch('a'));
    await until(() => h.logs.some(({ msg }) => msg.includes(message)));
  });

  it('does not repeat a request whose response is longer than OTLP allows', async () => {
    let requests = 0;
    const endpoint = await bareServer((request, response) => {
      requests++;
      request.resume();
      response.end(Buffer.alloc((4 << 20) + 1));
    });
    const { exporter, h } = await exporterWith({ endpoint });
    await exporter.consumeTraces(batch('a'));
    await until(() => h.count('otelcol_exporter_send_failed_spans') === 1);
    expect(requests).toBe(1);
  });

  it('verifies the server and shows it nothing when it can not', async () => {
    const certificate = makeCertificate('backend.test');
    const backend = await HttpSink.start({ tls: certificate });
    undo.push(certificate.remove, () => backend.kill());
    const endpoint = `https://${backend.endpoint}`;
    const strict = await exporterWith({ endpoint });
    await strict.exporter.consumeTraces(batch('a'));
    await until(() => strict.h.logs.some(({ msg }) => msg.includes('self-signed certificate')));
    expect(backend.requests).toHaveLength(0);
    const trusting = await exporterWith({ endpoint, tls: { ca_file: certificate.certFile } });
    await trusting.exporter.consumeTraces(batch('b'));
    await backend.acceptedAtLeast(1);
  });

  it('wants an endpoint for each signal it is used for', () => {
    expect(() => otlpHttpExporter.config.parse({})).toThrow('at least one endpoint must be specified');
    const config = otlpHttpExporter.config.parse({ traces_endpoint: 'http://a/x' });
    expect(() => otlpHttpExporter.createLogs(harness('otlp_http').settings, config)).toThrow(
      'either endpoint or logs_endpoint must be specified',
    );
  });
});

describe('retryAfterMs', () => {
  const now = Date.UTC(2026, 0, 1);

  it.each([
    ['2', 2000],
    ['0', 0],
    ['Thu, 01 Jan 2026 00:00:07 GMT', 7000],
    ['Wed, 31 Dec 2025 23:59:59 GMT', 0],
    ['soon', undefined],
    [undefined, undefined],
  ])('reads %s', (value, ms) => {
    expect(retryAfterMs(value, now)).toBe(ms);
  });
});
