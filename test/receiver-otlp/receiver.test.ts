import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { credentials } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import type { Signal } from '../../src/collector/component.ts';
import { GrpcClient } from './support/grpc-client.ts';
import { MALFORMED, traceRequest } from './support/requests.ts';
import { host, StartedReceiver, startReceiver } from './support/started-receiver.ts';

const CERT = new URL('./testdata/localhost.crt', import.meta.url).pathname;
const KEY = new URL('./testdata/localhost.key', import.meta.url).pathname;

describe('the OTLP receiver', () => {
  it('shows every accepted request to the taps, before the pipeline', async () => {
    const started = await startReceiver({ grpc: {} });
    const seen: [Signal, number][] = [];
    started.taps.add({ received: (signal, body) => seen.push([signal, body.length]) });
    started.pipeline = () => {
      expect(seen).toHaveLength(1);
      return Promise.resolve();
    };
    const client = new GrpcClient(started.grpcPort);
    await client.call(traceRequest(2));
    await client.failure(MALFORMED);
    expect(seen).toEqual([['traces', traceRequest(2).length]]);
    client.close();
    await started.receiver.shutdown();
  });

  it('starts and stops once, however many pipelines share it', async () => {
    const started = await startReceiver({ grpc: {}, http: {} });
    const { grpcPort, httpPort } = started;
    await started.receiver.start(host);
    expect([started.grpcPort, started.httpPort]).toEqual([grpcPort, httpPort]);
    await Promise.all([started.receiver.shutdown(), started.receiver.shutdown()]);
    await started.receiver.shutdown();
  });

  it('can be stopped without having been started', async () => {
    await new StartedReceiver({ protocols: { grpc: null } }).receiver.shutdown();
  });

  it('says which address it can not listen on', async () => {
    const taken = createServer();
    await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
    const { port } = taken.address() as { port: number };
    const { receiver } = new StartedReceiver({ protocols: { http: { endpoint: `127.0.0.1:${port}` } } });
    await expect(receiver.start(host)).rejects.toMatchObject({
      code: 'SPANLOOM_LISTEN',
      message: expect.stringMatching(`^listen tcp 127.0.0.1:${port}: .*EADDRINUSE`),
    });
    await receiver.shutdown();
    await new Promise((done) => taken.close(done));
  });

  it('listens on 127.0.0.1 for localhost and on every address for an empty host', async () => {
    for (const endpoint of ['localhost:0', ':0', '[::1]:0']) {
      const started = await startReceiver({ http: { endpoint } });
      const address = endpoint.startsWith('[') ? '[::1]' : '127.0.0.1';
      const headers = { 'content-type': 'application/x-protobuf' };
      const answer = await fetch(`http://${address}:${started.httpPort}/v1/traces`, {
        method: 'POST',
        headers,
        body: traceRequest(),
      });
      expect(answer.status).toBe(200);
      expect(started.received[0]?.peer?.address).toBe(endpoint.startsWith('[') ? '::1' : '127.0.0.1');
      await started.receiver.shutdown();
    }
  });

  it('speaks TLS where tls is configured', async () => {
    const tls = { cert_file: CERT, key_file: KEY };
    const started = await startReceiver({ grpc: { tls }, http: { tls } });
    const client = new GrpcClient(started.grpcPort, { channel: credentials.createSsl(readFileSync(CERT)) });
    await client.call(traceRequest());
    client.close();
    const status = await new Promise((done, failed) => {
      const outgoing = request(
        {
          host: '127.0.0.1',
          port: started.httpPort,
          path: '/v1/traces',
          method: 'POST',
          headers: { 'content-type': 'application/x-protobuf' },
          ca: readFileSync(CERT),
          servername: 'localhost',
          agent: false,
        },
        (response) => {
          response.resume();
          done(response.statusCode);
        },
      );
      outgoing.on('error', failed);
      outgoing.end(traceRequest());
    });
    expect(status).toBe(200);
    expect(started.received).toHaveLength(2);
    await started.receiver.shutdown();
  });

  it('names the key whose file it can not read', async () => {
    const tls = { cert_file: '/nonexistent.crt', key_file: KEY };
    const { receiver } = new StartedReceiver({ protocols: { grpc: { endpoint: '127.0.0.1:0', tls } } });
    await expect(receiver.start(host)).rejects.toThrow('tls::cert_file: can not read "/nonexistent.crt"');
  });
});
