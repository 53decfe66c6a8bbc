import { once } from 'node:events';
import http2 from 'node:http2';
import { type AddressInfo, connect as connectTcp, createServer as createTcp, type Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { otlpGrpcExporter } from '../../../src/exporter/otlp/factory.ts';
import { OtlpBatch } from '../../../src/otlp/batch.ts';
import { encodeRpcStatus } from '../../../src/otlp/rpc-status.ts';
import { GrpcSink } from '../../support/otlp-sink.ts';
import { type Certificate, makeCertificate } from '../support/certificates.ts';
import { batch, harness, until } from '../support/harness.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function exporterTo(endpoint: string, more: object = {}) {
  const h = harness();
  const config = otlpGrpcExporter.config.parse({
    endpoint,
    tls: { insecure: true },
    retry_on_failure: { initial_interval: '10ms', max_interval: '20ms' },
    ...more,
  });
  const exporter = otlpGrpcExporter.createTraces(h.settings, config);
  await exporter.start();
  undo.push(() => exporter.shutdown());
  return { h, exporter };
}

interface Call {
  readonly stream: http2.ServerHttp2Stream;
  readonly headers: http2.IncomingHttpHeaders;
  /** The framed message. */
  readonly data: Buffer;
}

/** A bare HTTP/2 server that answers as the test says: what no well-behaved gRPC server does. */
async function bareServer(answer: (call: Call, index: number) => void, options: http2.ServerOptions = {}) {
  const server = http2.createServer(options);
  const calls: Call[] = [];
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => {});
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const call = { stream, headers, data: Buffer.concat(chunks) };
      answer(call, calls.push(call) - 1);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  undo.push(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return { endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`, calls, sessions };
}

/** Passes bytes on until it is frozen; connections made later pass. */
async function freezingProxy(port: number) {
  const open: Socket[] = [];
  const server = createTcp((near) => {
    const far = connectTcp(port, '127.0.0.1');
    for (const socket of [near, far]) socket.on('error', () => {});
    near.pipe(far).pipe(near);
    open.push(near, far);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  undo.push(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return {
    endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    freeze: () => {
      for (const socket of open) socket.unpipe().pause();
    },
  };
}

const GRPC = { ':status': 200, 'content-type': 'application/grpc' };
const EMPTY_MESSAGE = Buffer.alloc(5);

function ok({ stream }: Call): void {
  stream.respond(GRPC, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(EMPTY_MESSAGE);
}

function trailersOnly({ stream }: Call, status: number, more: http2.OutgoingHttpHeaders = {}): void {
  stream.respond({ ...GRPC, 'grpc-status': String(status), ...more }, { endStream: true });
}

describe('otlp_grpc exporter on the wire', () => {
  it('speaks gRPC as the protocol says', async () => {
    const { endpoint, calls } = await bareServer(ok);
    const { exporter, h } = await exporterTo(endpoint, { timeout: '4s', headers: { 'X-Tenant': 'blue' } });
    await exporter.consumeTraces(batch('hello'));
    await until(() => h.count('otelcol_exporter_sent_spans') === 1);
    const { headers, data } = calls[0]!;
    expect(headers).toMatchObject({
      ':method': 'POST',
      ':scheme': 'http',
      ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      ':authority': endpoint,
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-encoding': 'gzip',
      'user-agent': 'spanloom/1.2.3',
      'x-tenant': 'blue',
    });
    expect(headers['grpc-timeout']).toMatch(/^[1-4]\d{0,3}m$/);
    expect(data[0]).toBe(1);
    expect(data.readUInt32BE(1)).toBe(data.length - 5);
    expect(gunzipSync(data.subarray(5)).toString()).toBe('hello');
  });

  it('sends identity and no timeout when told to', async () => {
    const { endpoint, calls } = await bareServer(ok);
    const { exporter, h } = await exporterTo(endpoint, {
      compression: 'none',
      timeout: '0s',
      authority: 'a.test',
    });
    await exporter.consumeTraces(batch('hello'));
    await until(() => h.count('otelcol_exporter_sent_spans') === 1);
    expect(calls[0]!.data).toEqual(Buffer.concat([Buffer.from([0, 0, 0, 0, 5]), Buffer.from('hello')]));
    expect(calls[0]!.headers).not.toHaveProperty('grpc-timeout');
    expect(calls[0]!.headers).not.toHaveProperty('grpc-encoding');
    expect(calls[0]!.headers[':authority']).toBe('a.test');
  });

  it.each([1, 4, 10, 11, 14, 15])('retries status %i', async (status) => {
    const { endpoint, calls } = await bareServer((call, i) =>
      i === 0 ? trailersOnly(call, status) : ok(call),
    );
    const { exporter, h } = await exporterTo(endpoint);
    await exporter.consumeTraces(batch('a'));
    await until(() => h.count('otelcol_exporter_sent_spans') === 1);
    expect(calls).toHaveLength(2);
  });

  it.each([2, 3, 5, 6, 7, 8, 9, 12, 13, 16, 99])('drops after status %i', async (status) => {
    const { endpoint, calls } = await bareServer((call) =>
      trailersOnly(call, status, { 'grpc-message': 'no%20way%3A%20%C3%BC' }),
    );
    const { exporter, h } = await exporterTo(endpoint);
    await exporter.consumeTraces(batch('a'));
    await until(() => h.count('otelcol_exporter_send_failed_spans') === 1);
    expect(calls).toHaveLength(1);
    expect(h.logs.some(({ msg }) => msg.includes('no way: ü'))).toBe(true);
  });

  it('retries RESOURCE_EXHAUSTED that comes with RetryInfo', async () => {
    const details = Buffer.from(encodeRpcStatus(8, 'slow down', 30))
      .toString('base64')
      .replace(/=+$/, '');
    const { endpoint, calls } = await bareServer((call, i) =>
      i === 0 ? trailersOnly(call, 8, { 'grpc-status-details-bin': details }) : ok(call),
    );
    const { exporter, h } = await exporterTo(endpoint);
    await exporter.consumeTraces(batch('a'));
    await until(() => h.count('otelcol_exporter_sent_spans') === 1);
    expect(calls).toHaveLength(2);
  });

  it.each([
    [503, 2],
    [429, 2],
    [404, 1],
    [401, 1],
  ])('understands HTTP status %i of a proxy', async (status, expected) => {
    const { endpoint, calls } = await bareServer((call, i) => {
      if (i > 0) ok(call);
      else {
        call.stream.respond({ ':status': status, 'content-type': 'text/html' });
        call.stream.end('<html>');
      }
    });
    const { exporter, h } = await exporterTo(endpoint);
    await exporter.consumeTraces(batch('a'));
    await until(
      () => h.count('otelcol_exporter_sent_spans') + h.count('otelcol_exporter_send_failed_spans') === 1,
    );
    expect(calls).toHaveLength(expected);
  });

  it('sends a refused stream again at once, without counting on the backoff', async () => {
    const { endpoint, calls } = await bareServer((call, i) =>
      i === 0 ? call.stream.close(http2.constants.NGHTTP2_REFUSED_STREAM) : ok(call),
    );
    const { exporter, h } = await exporterTo(endpoint, { retry_on_failure: { enabled: false } });
    await exporter.consumeTraces(batch('a'));
    await until(() => h.count('otelcol_exporter_sent_spans') === 1);
    expect(calls).toHaveLength(2);
  });

  it('finishes what a server accepted before GOAWAY and sends the rest over a new connection', async () => {
    const held: Call[] = [];
    const { endpoint, calls, sessions } = await bareServer((call, i) => {
      if (i !== 0) return ok(call);
      held.push(call);
      call.stream.session!.goaway(http2.constants.NGHTTP2_NO_ERROR, call.stream.id);
    });
    const { exporter, h } = await exporterTo(endpoint, { retry_on_failure: { enabled: false } });
    await exporter.consumeTraces(batch('first'));
    await until(() => held.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (const label of ['second', 'third']) await exporter.consumeTraces(batch(label));
    await until(() => h.count('otelcol_exporter_sent_spans') === 2);
    ok(held[0]!);
    await until(() => h.count('otelcol_exporter_sent_spans') === 3);
    expect(sessions.size).toBe(2);
    expect(calls).toHaveLength(3);
  });

  it('retries when the connection breaks in the middle of a call', async () => {
    const { endpoint, calls } = await bareServer((call, i) =>
      i === 0 ? call.stream.session!.destroy() : ok(call),
    );
    const { exporter, h } = await exporterTo(endpoint);
    await exporter.consumeTraces(batch('a'));
    await until(() => h.count('otelcol_exporter_sent_spans') === 1);
    expect(calls).toHaveLength(2);
  });

  it.each([
    [
      'a response that ends without a status',
      ({ stream }: Call) => {
        stream.respond(GRPC);
        stream.end(EMPTY_MESSAGE);
      },
    ],
    [
      'a response longer than OTLP allows',
      ({ stream }: Call) => {
        stream.respond(GRPC);
        stream.end(Buffer.alloc((4 << 20) + 10));
      },
    ],
    [
      'a response that is no message',
      ({ stream }: Call) => {
        stream.respond(GRPC, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
        stream.end(Buffer.from([0, 0, 0, 0, 9, 1]));
      },
    ],
  ])('does not repeat a request after %s', async (_, answer) => {
    const { endpoint, calls } = await bareServer(answer);
    const { exporter, h } = await exporterTo(endpoint);
    await exporter.consumeTraces(batch('a'));
    await until(() => h.count('otelcol_exporter_send_failed_spans') === 1);
    expect(calls).toHaveLength(1);
  });

  it('refuses to send more than OTLP allows', async () => {
    const { endpoint, calls } = await bareServer(ok);
    const { exporter, h } = await exporterTo(endpoint);
    await exporter.consumeTraces(new OtlpBatch(new Uint8Array((64 << 20) + 1), 5));
    await until(() => h.count('otelcol_exporter_send_failed_spans') === 5);
    expect(calls).toHaveLength(0);
    expect(h.logs.some(({ msg }) => msg.includes('send smaller batches'))).toBe(true);
  });

  it('leaves a connection that answers no keepalive ping', async () => {
    const { endpoint: backend, calls } = await bareServer((call, i) => (i === 0 ? proxy.freeze() : ok(call)));
    const proxy = await freezingProxy(Number(backend.split(':')[1]));
    const { endpoint } = proxy;
    const { exporter, h } = await exporterTo(endpoint, {
      timeout: '0s',
      keepalive: { time: '20ms', timeout: '30ms' },
    });
    await exporter.consumeTraces(batch('a'));
    await until(() => h.count('otelcol_exporter_sent_spans') === 1);
    expect(calls).toHaveLength(2);
    expect(h.logs.some(({ msg }) => msg.includes('keepalive'))).toBe(true);
  });

  it('waits for the backend instead of failing with wait_for_ready', async () => {
    const probe = await GrpcSink.start();
    const { port, endpoint } = probe;
    await probe.close();
    const { exporter, h } = await exporterTo(endpoint, {
      wait_for_ready: true,
      timeout: '10s',
      retry_on_failure: { enabled: false },
    });
    await exporter.consumeTraces(batch('a'));
    const sink = await GrpcSink.start({ port });
    undo.push(() => sink.kill());
    await sink.acceptedAtLeast(1);
    expect(h.count('otelcol_exporter_send_failed_spans')).toBe(0);
  });

  it('says why no connection comes about, with a peer that speaks no HTTP/2', async () => {
    const { createServer } = await import('node:http');
    const server = createServer((_, response) => response.end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    undo.push(() => server.close());
    const { exporter, h } = await exporterTo(`127.0.0.1:${(server.address() as AddressInfo).port}`);
    await exporter.consumeTraces(batch('a'));
    await until(() => h.logs.some(({ msg }) => msg.includes('no connection to 127.0.0.1')));
  });
});

describe('otlp_grpc exporter over TLS', () => {
  let certificate: Certificate;

  async function tlsSink(clientAuthentication = false) {
    const made = makeCertificate('backend.test');
    certificate = made;
    const { cert, key } = made;
    const sink = await GrpcSink.start({ tls: { cert, key, ...(clientAuthentication && { ca: cert }) } });
    undo.push(made.remove, () => sink.kill());
    return sink;
  }

  it('encrypts unless told otherwise, and believes the configured authority', async () => {
    const sink = await tlsSink();
    const { exporter } = await exporterTo(sink.endpoint, { tls: { ca_file: certificate.certFile } });
    await exporter.consumeTraces(batch('a'));
    await sink.acceptedAtLeast(1);
  });

  it('shows its own certificate', async () => {
    const sink = await tlsSink(true);
    const { exporter } = await exporterTo(`https://${sink.endpoint}`, {
      tls: {
        ca_file: certificate.certFile,
        cert_file: certificate.certFile,
        key_file: certificate.keyFile,
        server_name_override: 'backend.test',
      },
    });
    await exporter.consumeTraces(batch('a'));
    await sink.acceptedAtLeast(1);
  });

  it('does not talk to a server it can not verify, unless told to', async () => {
    const sink = await tlsSink();
    const strict = await exporterTo(sink.endpoint, { tls: {} });
    await strict.exporter.consumeTraces(batch('a'));
    await until(() => strict.h.logs.some(({ msg }) => msg.includes('self-signed certificate')));
    expect(sink.requests).toHaveLength(0);
    const lax = await exporterTo(sink.endpoint, { tls: { insecure_skip_verify: true } });
    await lax.exporter.consumeTraces(batch('b'));
    await sink.acceptedAtLeast(1);
  });

  it('checks the name in the certificate', async () => {
    const sink = await tlsSink();
    const { exporter, h } = await exporterTo(sink.endpoint, {
      tls: { ca_file: certificate.certFile, server_name_override: 'other.test' },
    });
    await exporter.consumeTraces(batch('a'));
    await until(() => h.logs.some(({ msg }) => msg.includes('other.test')));
    expect(sink.requests).toHaveLength(0);
  });

  it('says which file it can not read', async () => {
    await expect(exporterTo('127.0.0.1:1', { tls: { ca_file: '/nonexistent/ca.pem' } })).rejects.toThrow(
      'tls::ca_file: can not read "/nonexistent/ca.pem"',
    );
  });
});
