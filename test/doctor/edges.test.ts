import { describe, expect, it } from 'vitest';
import { command, EPOCH, traceparent } from '../correlate/scene.ts';
import { encodeExport } from '../correlate/sdk.ts';
import { Examined } from './examined.ts';

const WEB = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };

describe('edges', () => {
  it('count a call once, however many of its ends are seen, from outside in', () => {
    const examined = new Examined();
    const { scene } = examined;
    const stock = scene.process('stock');
    const price = scene.process('price');
    const inbound = scene.connection(scene.stranger('web'), stock);
    const request = scene.request(inbound, 'GET /', { traceparent: traceparent(WEB, false) });
    const database = scene.stranger('db');
    scene.exchange(scene.connection(stock, database), command('redis', 'GET'));
    scene.exchange(scene.connection(stock, price));
    scene.exchange(scene.connection(stock, price), 'GET /', { complete: false });
    scene.respond(request);
    const row = { context: {}, no_context: 0, context_unknown: 0, context_impossible: 0, not_sampled: 0 };
    expect(examined.report().edges).toEqual([
      {
        ...row,
        client: 'outside',
        server: 'stock',
        protocol: 'http',
        calls: 1,
        context: { traceparent: 1 },
        not_sampled: 1,
      },
      {
        ...row,
        client: 'stock',
        server: 'price',
        protocol: 'http',
        calls: 2,
        no_context: 1,
        context_unknown: 1,
      },
      {
        ...row,
        client: 'stock',
        server: `10.0.0.2:${database.port}`,
        protocol: 'redis',
        calls: 1,
        context_impossible: 1,
      },
    ]);
  });

  it('call a service as its SDK does', () => {
    const examined = new Examined();
    const { scene } = examined;
    const java = scene.process('java');
    scene.exchange(scene.connection(java, scene.stranger('api')));
    const span = scene.start(java, 'internal');
    scene.end(span);
    scene.receive(encodeExport(EPOCH, [span], [['service.name', 'checkout']]), java.exporter);
    const report = examined.report();
    expect(report.edges).toMatchObject([{ client: 'checkout' }]);
    expect(report.services).toEqual([
      { service: 'checkout', processes: 1, runtimes: ['native'], requests: 0, sdk_spans: 1 },
    ]);
  });

  it('are kept to a thousand; the rest is counted together', () => {
    const examined = new Examined();
    const { scene } = examined;
    const crawler = scene.process('crawler');
    for (let i = 0; i < 1010; i++) scene.exchange(scene.connection(crawler, scene.stranger('site')));
    const { edges } = examined.report();
    expect(edges).toHaveLength(1001);
    expect(edges.find(({ client }) => client === '(others)')).toMatchObject({ calls: 10 });
  });
});
