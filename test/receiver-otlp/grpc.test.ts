import { connect as connectSocket } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PermanentError, RetryableError } from '../../src/error.ts';
import { parseRpcStatus } from '../../src/exporter/client/rpc-status.ts';
import { decodeTraceResponse } from '../otlp/support/oracle.ts';
import { GrpcClient, LOGS, METRICS, TRACES } from './support/grpc-client.ts';
import { frame, RawGrpc } from './support/raw-grpc.ts';
import { logRequest, MALFORMED, metricRequest, traceRequest } from './support/requests.ts';
import { type StartedReceiver, startReceiver } from './support/started-receiver.ts';

const CODE = {
  DEADLINE_EXCEEDED: 4,
  INVALID_ARGUMENT: 3,
  RESOURCE_EXHAUSTED: 8,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
};
const MIB = 1024 * 1024;

describe('OTLP/gRPC', () => {
  let started: StartedReceiver;
  let client: GrpcClient;
  let raw: RawGrpc;

  beforeEach(async () => {
    started = await startReceiver({ grpc: {} });
    client = new GrpcClient(started.grpcPort);
    raw = new RawGrpc(started.grpcPort);
  });

  afterEach(async () => {
    client.close();
    raw.close();
    await started.receiver.shutdown();
  });

  it('G1: takes unary Export calls of the three services', async () => {
    for (const [path, body] of [
      [TRACES, traceRequest(3)],
      [METRICS, metricRequest()],
      [LOGS, logRequest()],
    ] as const)
      await client.call(body, { path });
    expect(started.received.map(({ signal, itemCount }) => [signal, itemCount])).toEqual([
      ['traces', 3],
      ['metrics', 2],
      ['logs', 1],
    ]);
    expect(started.received[0]?.body).toEqual(traceRequest(3));
  });

  it('G1: answers UNIMPLEMENTED to methods it does not know', async () => {
    for (const path of [
      '/opentelemetry.proto.collector.trace.v1.TraceService/Import',
      '/x/y',
      '/__proto__/x',
    ])
      expect(await client.failure(traceRequest(), { path })).toMatchObject({
        code: CODE.UNIMPLEMENTED,
        details: `unknown method ${path}`,
      });
    await client.call(traceRequest());
  });

  it('G1: answers UNIMPLEMENTED for a signal that no pipeline takes', async () => {
    const tracesOnly = await startReceiver({ grpc: {} }, ['traces']);
    const other = new GrpcClient(tracesOnly.grpcPort);
    expect(await other.failure(logRequest(), { path: LOGS })).toMatchObject({ code: CODE.UNIMPLEMENTED });
    await other.call(traceRequest());
    other.close();
    await tracesOnly.receiver.shutdown();
  });

  it('G2: takes gzip and deflate', async () => {
    const gzip = new GrpcClient(started.grpcPort, { gzip: true });
    await gzip.call(traceRequest(50));
    gzip.close();
    const deflated = frame(deflateSync(traceRequest(2)), { flags: 1 });
    expect((await raw.call([deflated], { 'grpc-encoding': 'deflate' })).headers['grpc-status']).toBe('0');
    expect(started.received.map(({ itemCount }) => itemCount)).toEqual([50, 2]);
  });

  it('G2: answers UNIMPLEMENTED to encodings it does not know and says which it does', async () => {
    const answer = await raw.call([frame(traceRequest(), { flags: 1 })], { 'grpc-encoding': 'snappy' });
    expect(answer.headers).toMatchObject({
      'grpc-status': String(CODE.UNIMPLEMENTED),
      'grpc-accept-encoding': 'identity,gzip,deflate',
    });
  });

  it('G3: refuses a message over the limit, before and after decompression, for good', async () => {
    const big = await client.failure(new Uint8Array(4 * MIB + 1));
    expect(big.code).toBe(CODE.RESOURCE_EXHAUSTED);
    expect(big.details).toBe('grpc: received message larger than max (4194305 vs. 4194304)');
    expect(big.metadata.get('grpc-status-details-bin')).toEqual([]);

    const bomb = frame(gzipSync(Buffer.alloc(64 * MIB)), { flags: 1 });
    const answer = await raw.call([bomb], { 'grpc-encoding': 'gzip' });
    expect(answer.headers['grpc-status']).toBe(String(CODE.RESOURCE_EXHAUSTED));
    expect(answer.headers['grpc-message']).toMatch(/after decompression larger than max 4194304/);
    expect(answer.headers['grpc-status-details-bin']).toBeUndefined();

    await client.call(traceRequest());
    expect(
      started.count('spanloom_receiver_refused_requests', { reason: 'too_large', transport: 'grpc' }),
    ).toBe(2);
  });

  it('G3: refuses a message over the limit without waiting for it', async () => {
    const answer = await raw.call([frame(new Uint8Array(10), { length: 0xffff_ffff })], {}, false);
    expect(answer.headers['grpc-status']).toBe(String(CODE.RESOURCE_EXHAUSTED));
  });

  it('G3: takes messages up to max_recv_msg_size_mib', async () => {
    const larger = await startReceiver({ grpc: { max_recv_msg_size_mib: 8 } });
    const other = new GrpcClient(larger.grpcPort);
    const body = traceRequest(25_000);
    expect(body.length).toBeGreaterThan(4 * MIB);
    await other.call(body);
    expect(Buffer.compare(larger.received[0]!.body, body)).toBe(0);
    other.close();
    await larger.receiver.shutdown();
  });

  it('G4: takes the empty request and does not bother the pipeline', async () => {
    const response = await client.call(new Uint8Array());
    expect(decodeTraceResponse(response)).toEqual({});
    expect(started.received).toEqual([]);
  });

  it('G5: answers full success with the empty response', async () => {
    expect(await client.call(traceRequest())).toHaveLength(0);
    const answer = await raw.call([frame(traceRequest())]);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/grpc', 'grpc-status': '0' });
    expect(answer.body).toEqual(Buffer.alloc(5));
  });

  it('G7: answers INVALID_ARGUMENT to bad data and takes the next request of the connection', async () => {
    expect(await client.failure(MALFORMED)).toMatchObject({
      code: CODE.INVALID_ARGUMENT,
      details: 'malformed OTLP message: a field of 127 bytes begins and 1 are left in the message at byte 2',
    });
    await client.call(traceRequest());
    expect(started.received).toHaveLength(1);
    expect(started.count('spanloom_receiver_refused_requests', { reason: 'malformed' })).toBe(1);
  });

  it('G7, G8: answers UNAVAILABLE when the pipeline can not take it now, with the delay it asks for', async () => {
    started.pipeline = () => Promise.reject(new RetryableError('X', 'the queue is full: 100%', 2500));
    const error = await client.failure(traceRequest(4));
    expect(error).toMatchObject({ code: CODE.UNAVAILABLE, details: 'the queue is full: 100%' });
    const [details] = error.metadata.get('grpc-status-details-bin');
    expect(parseRpcStatus(details as Buffer)).toEqual({
      message: 'the queue is full: 100%',
      retryDelayMs: 2500,
    });
    expect(
      started.count('otelcol_receiver_refused_spans', { receiver: 'otlp/test', transport: 'grpc' }),
    ).toBe(4);

    started.pipeline = () => Promise.reject(new RetryableError('X', 'later'));
    expect((await client.failure(traceRequest())).metadata.get('grpc-status-details-bin')).toEqual([]);
  });

  it('G7: answers INTERNAL when the pipeline never will take it', async () => {
    started.pipeline = () => Promise.reject(new PermanentError('X', 'nobody wants this'));
    expect(await client.failure(traceRequest())).toMatchObject({
      code: CODE.INTERNAL,
      details: 'nobody wants this',
    });
  });

  it('writes messages beyond ASCII as the gRPC protocol asks', async () => {
    started.pipeline = () => Promise.reject(new PermanentError('X', 'größer\n'));
    expect((await client.failure(traceRequest())).details).toBe('größer\n');
  });

  it('G10: answers DEADLINE_EXCEEDED when the pipeline takes longer than the client waits', async () => {
    started.pipeline = () => new Promise((done) => setTimeout(done, 300));
    const answer = await raw.call([frame(traceRequest())], { 'grpc-timeout': '20m' });
    expect(answer.headers['grpc-status']).toBe(String(CODE.DEADLINE_EXCEEDED));
    expect((await raw.call([frame(traceRequest())], { 'grpc-timeout': '10S' })).headers['grpc-status']).toBe(
      '0',
    );
  });

  it('G10: serves many calls at once on one connection', async () => {
    await Promise.all(Array.from({ length: 200 }, (_, i) => client.call(traceRequest(1 + (i % 3)))));
    expect(started.received).toHaveLength(200);
    expect(started.count('otelcol_receiver_accepted_spans', { transport: 'grpc' })).toBe(
      started.received.reduce((sum, { itemCount }) => sum + itemCount, 0),
    );
  });

  it('G10: says GOAWAY at max_connection_age and lets the call in flight end', async () => {
    const aging = await startReceiver({
      grpc: {
        keepalive: { server_parameters: { max_connection_age: '100ms', max_connection_age_grace: '5s' } },
      },
    });
    aging.pipeline = () => new Promise((done) => setTimeout(done, 400));
    const connection = new RawGrpc(aging.grpcPort);
    const goaway = new Promise<number>((done) => connection.session.on('goaway', done));
    const answer = connection.call([frame(traceRequest())]);
    expect(await goaway).toBe(0);
    expect((await answer).headers['grpc-status']).toBe('0');
    connection.close();
    await aging.receiver.shutdown();
  });

  it('closes the connection of a client that pings more often than the policy allows', async () => {
    const strict = await startReceiver({ grpc: { keepalive: { enforcement_policy: { min_time: '1m' } } } });
    const connection = new RawGrpc(strict.grpcPort);
    const goaway = new Promise<number>((done) => connection.session.on('goaway', done));
    await connection.call([frame(traceRequest())]);
    for (let i = 0; i < 5; i++) connection.session.ping(() => {});
    expect(await goaway).toBe(11);
    connection.close();
    await strict.receiver.shutdown();
  });

  it.each([
    ['no message', [], {}, 'the request has no message'],
    ['half a prefix', [Buffer.alloc(3)], {}, 'the message prefix is cut off'],
    ['half a message', [frame(traceRequest()).subarray(0, 50)], {}, 'announced bytes'],
    ['two messages', [frame(traceRequest()), frame(traceRequest())], {}, 'more than one came'],
    ['unknown flags', [frame(traceRequest(), { flags: 7 })], {}, 'unknown flags 7'],
    [
      'compression without a name',
      [frame(gzipSync(traceRequest()), { flags: 1 })],
      {},
      'grpc-encoding does not say how',
    ],
    [
      'broken gzip',
      [frame(traceRequest(), { flags: 1 })],
      { 'grpc-encoding': 'gzip' },
      'can not be decompressed as gzip',
    ],
  ])('answers INTERNAL to %s and goes on', async (_, chunks, headers, message) => {
    const answer = await raw.call(chunks, headers);
    expect(answer.headers['grpc-status']).toBe(String(CODE.INTERNAL));
    expect(answer.headers['grpc-message']).toContain(message);
    expect((await raw.call([frame(traceRequest())])).headers['grpc-status']).toBe('0');
    expect(started.received).toHaveLength(1);
  });

  it('takes a message in chunks of any size', async () => {
    const message = frame(traceRequest());
    const bytes = Array.from(message, (byte) => Uint8Array.of(byte));
    expect((await raw.call(bytes)).headers['grpc-status']).toBe('0');
    expect(started.received[0]?.body).toEqual(traceRequest());
  });

  it('answers what is no gRPC with an HTTP status', async () => {
    expect((await raw.call([], { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await raw.call([], { ':method': 'PUT' })).status).toBe(405);
    expect((await raw.call([frame(traceRequest())])).headers['grpc-status']).toBe('0');
  });

  it('survives clients that speak something else, and counts them', async () => {
    const socket = connectSocket(started.grpcPort, '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await new Promise((done) => socket.on('close', done));
    await client.call(traceRequest());
    expect(started.count('spanloom_receiver_broken_connections', { transport: 'grpc' })).toBe(1);
  });

  it('survives clients that reset their calls', async () => {
    started.pipeline = () => new Promise((done) => setTimeout(done, 100));
    const cancelled = raw.call([frame(traceRequest())], {}, false);
    const stream = raw.session.request({
      ':method': 'POST',
      ':path': TRACES,
      'content-type': 'application/grpc',
    });
    stream.on('error', () => {});
    stream.end(frame(traceRequest()));
    await new Promise((done) => setTimeout(done, 30));
    stream.close(2);
    raw.close();
    await cancelled.catch(() => {});
    await client.call(traceRequest());
  });

  it('survives calls that are reset as soon as they begin', async () => {
    const reset = new RawGrpc(started.grpcPort);
    const gone = Array.from({ length: 300 }, (_, i) => {
      const stream = reset.session.request({
        ':method': 'POST',
        ':path': i % 3 === 0 ? '/unknown' : TRACES,
        'content-type': i % 3 === 1 ? 'text/plain' : 'application/grpc',
      });
      stream.on('error', () => {});
      if (i % 2 === 0) stream.end(frame(traceRequest()));
      stream.close(8);
      return new Promise((done) => stream.on('close', done));
    });
    await Promise.all(gone);
    reset.close();
    await client.call(traceRequest());
  });

  it('closes connections that are idle for max_connection_idle', async () => {
    const idle = await startReceiver({
      grpc: { keepalive: { server_parameters: { max_connection_idle: '50ms' } } },
    });
    const connection = new RawGrpc(idle.grpcPort);
    const closed = new Promise((done) => connection.session.on('close', done));
    await connection.call([frame(traceRequest())]);
    await closed;
    await idle.receiver.shutdown();
  });

  it('says who delivered a batch', async () => {
    await raw.call([frame(traceRequest())]);
    expect(started.received[0]?.peer).toEqual({ address: '127.0.0.1', port: raw.session.socket.localPort });
  });

  it('answers the calls in flight at shutdown, sends GOAWAY, and takes no new connections', async () => {
    let release: (() => void) | undefined;
    started.pipeline = () =>
      new Promise((done) => {
        release = done;
      });
    const answer = raw.call([frame(traceRequest())]);
    const goaway = new Promise((done) => raw.session.on('goaway', done));
    await expect.poll(() => release).toBeDefined();
    const stopped = started.receiver.shutdown();
    await goaway;
    release?.();
    expect((await answer).headers['grpc-status']).toBe('0');
    await stopped;
    expect(await client.failure(traceRequest(), { deadlineMs: 2000 })).toMatchObject({
      code: CODE.UNAVAILABLE,
    });
  });
});
