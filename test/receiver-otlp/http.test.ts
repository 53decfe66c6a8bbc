import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PermanentError, RetryableError } from '../../src/error.ts';
import { parseRpcStatus } from '../../src/exporter/client/rpc-status.ts';
import { toJson } from '../../src/otlp/to-json.ts';
import { logRequest, MALFORMED, metricRequest, traceRequest } from './support/requests.ts';
import { type StartedReceiver, startReceiver } from './support/started-receiver.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const PROTOBUF = { 'content-type': 'application/x-protobuf' };

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

describe('OTLP/HTTP', () => {
  let started: StartedReceiver;
  let agent: Agent;

  beforeEach(async () => {
    started = await startReceiver({ http: {} });
    agent = new Agent({ keepAlive: true, maxSockets: 1 });
  });

  afterEach(async () => {
    agent.destroy();
    await started.receiver.shutdown();
  });

  function send(
    body: Uint8Array | string,
    headers: OutgoingHttpHeaders = PROTOBUF,
    { path = '/v1/traces', method = 'POST', port = started.httpPort } = {},
  ): Promise<Answer> {
    return new Promise((done, failed) => {
      const outgoing = request({ host: '127.0.0.1', port, agent, path, method, headers }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          done({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(parts) }),
        );
      });
      outgoing.on('error', failed);
      outgoing.end(body);
    });
  }

  it('H1: takes POST only', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS']) {
      const answer = await send('', PROTOBUF, { method });
      expect(answer.status).toBe(405);
      expect(answer.body.toString()).toBe('405 method not allowed, supported: [POST]');
      expect(answer.headers['content-type']).toBe('text/plain');
    }
    expect((await send(traceRequest())).status).toBe(200);
  });

  it('H2: takes the three signals on their paths and nothing elsewhere', async () => {
    for (const [path, body] of [
      ['/v1/traces', traceRequest(3)],
      ['/v1/metrics', metricRequest()],
      ['/v1/logs?x=y', logRequest()],
    ] as const)
      expect((await send(body, PROTOBUF, { path })).status).toBe(200);
    expect(started.received.map(({ signal, itemCount }) => [signal, itemCount])).toEqual([
      ['traces', 3],
      ['metrics', 2],
      ['logs', 1],
    ]);
    expect(started.received[0]?.body).toEqual(traceRequest(3));
    for (const path of ['/', '/v1/trace', '/v1/traces/', '/v1development/profiles'])
      expect((await send(traceRequest(), PROTOBUF, { path })).status).toBe(404);
  });

  it('H2: takes signals on the configured paths, and only those a pipeline takes', async () => {
    const other = await startReceiver({ http: { traces_url_path: 'in/spans' } }, ['traces']);
    const status = async (path: string) =>
      (await send(traceRequest(), PROTOBUF, { path, port: other.httpPort })).status;
    expect([await status('/in/spans'), await status('/v1/traces'), await status('/v1/logs')]).toEqual([
      200, 404, 404,
    ]);
    await other.receiver.shutdown();
  });

  it('H3: takes protobuf whatever the parameters of its type', async () => {
    const answer = await send(traceRequest(), { 'content-type': 'Application/X-Protobuf; charset=utf-8' });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/x-protobuf');
  });

  it('H3: answers 415 to other types', async () => {
    for (const headers of [{}, { 'content-type': 'text/plain' }, { 'content-type': 'application/grpc' }]) {
      const answer = await send(traceRequest(), headers);
      expect(answer.status).toBe(415);
      expect(answer.body.toString()).toBe(
        '415 unsupported media type, supported: [application/json, application/x-protobuf]',
      );
    }
  });

  it('H3: takes JSON for every signal and hands it on as protobuf', async () => {
    for (const [path, signal, body] of [
      ['/v1/traces', 'traces', traceRequest(3)],
      ['/v1/metrics', 'metrics', metricRequest()],
      ['/v1/logs', 'logs', logRequest()],
    ] as const) {
      const answer = await send(
        toJson(signal, body),
        { 'content-type': 'Application/JSON; charset=utf-8' },
        { path },
      );
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toBe('application/json');
      expect(answer.body.toString()).toBe('{}');
      expect(started.received.at(-1)?.signal).toBe(signal);
      expect(toJson(signal, started.received.at(-1)!.body)).toBe(toJson(signal, body));
    }
    expect(started.received.map(({ itemCount }) => itemCount)).toEqual([3, 2, 1]);
    expect(started.count('otelcol_receiver_accepted_spans', { transport: 'http' })).toBe(3);
  });

  it('H4: takes gzip, deflate and zlib', async () => {
    const gzip = { ...PROTOBUF, 'content-encoding': 'gzip' };
    expect((await send(gzipSync(traceRequest(500)), gzip)).status).toBe(200);
    for (const encoding of ['deflate', 'zlib'])
      expect(
        (await send(deflateSync(traceRequest(2)), { ...PROTOBUF, 'content-encoding': encoding })).status,
      ).toBe(200);
    expect((await send(traceRequest(1), { ...PROTOBUF, 'content-encoding': 'identity' })).status).toBe(200);
    expect(started.received.map(({ itemCount }) => itemCount)).toEqual([500, 2, 2, 1]);
    expect(started.received[0]?.body).toEqual(traceRequest(500));
  });

  it('H4: takes compressed JSON', async () => {
    const json = toJson('traces', traceRequest(500));
    const headers = { ...JSON_TYPE, 'content-encoding': 'gzip' };
    expect((await send(gzipSync(json), headers)).status).toBe(200);
    expect(started.received[0]?.itemCount).toBe(500);
  });

  it('H4: answers 400 to encodings it does not know', async () => {
    for (const encoding of ['snappy', 'br', '__proto__']) {
      const answer = await send(traceRequest(), { ...PROTOBUF, 'content-encoding': encoding });
      expect(answer.status).toBe(400);
      expect(parseRpcStatus(answer.body)?.message).toBe(`unsupported Content-Encoding: ${encoding}`);
    }
    const strict = await startReceiver({ http: { compression_algorithms: [''] } });
    const gzip = { ...PROTOBUF, 'content-encoding': 'gzip' };
    expect((await send(gzipSync(traceRequest()), gzip, { port: strict.httpPort })).status).toBe(400);
    await strict.receiver.shutdown();
  });

  it('H4: answers 413 to bodies over the limit, before and after decompression', async () => {
    const small = await startReceiver({ http: { max_request_body_size: 10_000 } });
    const to = { port: small.httpPort };
    expect((await send(traceRequest(200), PROTOBUF, to)).status).toBe(413);
    expect((await send(traceRequest(200), { ...PROTOBUF, 'transfer-encoding': 'chunked' }, to)).status).toBe(
      413,
    );
    const bomb = gzipSync(Buffer.alloc(8_000_000));
    expect(bomb.length).toBeLessThan(10_000);
    const answer = await send(bomb, { ...PROTOBUF, 'content-encoding': 'gzip' }, to);
    expect(answer.status).toBe(413);
    expect(parseRpcStatus(answer.body)?.message).toContain(
      'larger than the 10000 bytes that max_request_body_size allows',
    );
    expect((await send(traceRequest(), PROTOBUF, to)).status).toBe(200);
    await small.receiver.shutdown();
  });

  it('H5: answers full success with 200 and the empty response', async () => {
    const answer = await send(traceRequest());
    expect(answer.status).toBe(200);
    expect(answer.body).toHaveLength(0);
  });

  it('H6: answers 400 with a Status to malformed bodies and takes the next request of the connection', async () => {
    for (const [body, headers, message] of [
      [MALFORMED, PROTOBUF, /^malformed OTLP message: .* at byte 2$/],
      [traceRequest(), { ...PROTOBUF, 'content-encoding': 'gzip' }, /can not be decompressed as gzip/],
    ] as const) {
      const answer = await send(body, headers);
      expect(answer.status).toBe(400);
      expect(answer.headers['content-type']).toBe('application/x-protobuf');
      expect(parseRpcStatus(answer.body)?.message).toMatch(message);
      expect((await send(traceRequest())).status).toBe(200);
    }
    expect(started.received[0]?.peer?.port).toBe(started.received[1]?.peer?.port);
    expect(
      started.count('spanloom_receiver_refused_requests', { reason: 'malformed', transport: 'http' }),
    ).toBe(2);
  });

  it('H6: answers refusals of JSON requests with a Status in JSON', async () => {
    const small = await startReceiver({ http: { max_request_body_size: 1000 } });
    started.pipeline = () => Promise.reject(new RetryableError('X', 'the queue is full', 1200));
    const valid = toJson('traces', traceRequest());
    for (const [body, headers, options, status, code, message] of [
      ['{"resourceSpans":[{]}', {}, {}, 400, 3, 'a name in quotes is expected in place of "]}" at byte 19'],
      ['', {}, {}, 400, 3, 'the JSON text is cut off at byte 0'],
      [
        '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"1"}]}]}]}',
        {},
        {},
        400,
        3,
        'resourceSpans[0].scopeSpans[0].spans[0].traceId: 32 hex digits or an empty string are expected, got "1"',
      ],
      [valid, { 'content-encoding': 'br' }, {}, 400, 3, 'unsupported Content-Encoding: br'],
      [valid, { 'content-encoding': 'gzip' }, {}, 400, 3, 'can not be decompressed as gzip'],
      [' '.repeat(1001), {}, { port: small.httpPort }, 413, 8, 'larger than the 1000 bytes'],
      [valid, {}, {}, 503, 14, 'the queue is full'],
    ] as const) {
      const answer = await send(body, { ...JSON_TYPE, ...headers }, options);
      expect(answer.status).toBe(status);
      expect(answer.headers['content-type']).toBe('application/json');
      expect(answer.headers['retry-after']).toBe(status === 503 ? '2' : undefined);
      const said = JSON.parse(answer.body.toString());
      expect(Object.keys(said)).toEqual(['code', 'message']);
      expect(said.code).toBe(code);
      expect(said.message).toContain(message);
    }
    expect(started.count('spanloom_receiver_refused_requests', { reason: 'malformed' })).toBe(4);
    await small.receiver.shutdown();
  });

  it('H7: answers 503 with Retry-After when the pipeline can not take it now', async () => {
    started.pipeline = () => Promise.reject(new RetryableError('X', 'the queue is full', 1200));
    const answer = await send(traceRequest(4));
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('2');
    expect(parseRpcStatus(answer.body)?.message).toBe('the queue is full');
    expect(
      started.count('otelcol_receiver_refused_spans', { receiver: 'otlp/test', transport: 'http' }),
    ).toBe(4);
    started.pipeline = () => Promise.reject(new RetryableError('X', 'later'));
    expect((await send(traceRequest())).headers['retry-after']).toBeUndefined();
  });

  it('H7: answers 500 when the pipeline never will take it', async () => {
    started.pipeline = () => Promise.reject(new PermanentError('X', 'nobody wants this'));
    expect((await send(traceRequest())).status).toBe(500);
  });

  it('H8: answers CORS preflights of allowed origins', async () => {
    const cors = { allowed_origins: ['https://*.example.com'], allowed_headers: ['X-Token'], max_age: 7200 };
    const open = await startReceiver({ http: { cors } });
    const to = { method: 'OPTIONS', port: open.httpPort };
    const preflight = (origin: string, headers: string) =>
      send(
        '',
        { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': headers },
        to,
      );
    const allowed = await preflight('https://shop.example.com', 'content-type,x-token');
    expect(allowed.status).toBe(204);
    expect(allowed.headers).toMatchObject({
      'access-control-allow-origin': 'https://shop.example.com',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type, x-token',
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '7200',
      vary: 'Origin',
    });
    expect((await preflight('https://shop.example.com.evil.org', '')).headers).not.toHaveProperty(
      'access-control-allow-origin',
    );
    expect((await preflight('https://shop.example.com', 'x-other')).headers).not.toHaveProperty(
      'access-control-allow-methods',
    );
    const posted = await send(
      traceRequest(),
      { ...PROTOBUF, origin: 'https://a.example.com' },
      { port: open.httpPort },
    );
    expect(posted.status).toBe(200);
    expect(posted.headers['access-control-allow-origin']).toBe('https://a.example.com');
    await open.receiver.shutdown();
  });

  it('H9: keeps connections alive, and survives clients that leave in the middle', async () => {
    await send(traceRequest());
    await send(traceRequest());
    expect(started.received[0]?.peer).toEqual(started.received[1]?.peer);
    const socket = connect(started.httpPort, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(
      'POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: 100\r\n\r\nabc',
    );
    await new Promise((done) => setTimeout(done, 50));
    socket.destroy();
    await expect
      .poll(() => started.count('spanloom_receiver_refused_requests', { reason: 'aborted' }))
      .toBe(1);
    expect((await send(traceRequest())).status).toBe(200);
  });

  it('H9: answers 400 to what is no HTTP', async () => {
    const socket = connect(started.httpPort, '127.0.0.1');
    socket.end('nonsense\r\n\r\n');
    const parts: Buffer[] = [];
    for await (const part of socket) parts.push(part);
    expect(Buffer.concat(parts).toString()).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(started.count('spanloom_receiver_broken_connections', { transport: 'http' })).toBe(1);
  });

  it('H10: takes the empty body as the empty request', async () => {
    expect((await send('')).status).toBe(200);
    expect(started.received).toEqual([]);
  });

  it('sends the configured response headers', async () => {
    const extra = await startReceiver({ http: { response_headers: { 'X-Served-By': 'spanloom' } } });
    const answer = await send(traceRequest(), PROTOBUF, { port: extra.httpPort });
    expect(answer.headers['x-served-by']).toBe('spanloom');
    await extra.receiver.shutdown();
  });

  it('answers the requests in flight at shutdown and takes no new connections', async () => {
    let release: (() => void) | undefined;
    started.pipeline = () => new Promise((done) => (release = done));
    const answer = send(traceRequest());
    await expect.poll(() => release).toBeDefined();
    const stopped = started.receiver.shutdown();
    release?.();
    expect((await answer).status).toBe(200);
    await stopped;
    await expect(send(traceRequest())).rejects.toThrow(/ECONNREFUSED|socket hang up|ECONNRESET/);
  });
});
