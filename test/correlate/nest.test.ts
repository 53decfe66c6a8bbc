import { describe, expect, it } from 'vitest';
import { Scene, traceparent } from './scene.ts';

describe('overlap: nest', () => {
  it('keeps both spans of a pair: SDK client, zero-code client, zero-code server, SDK server', () => {
    const scene = new Scene({ overlap: 'nest' });
    const web = scene.process('web', { runtime: 'node' });
    const price = scene.process('price', { runtime: 'go' });
    const wire = scene.connection(web, price);
    const handler = scene.start(web, 'server');
    const client = scene.start(web, 'client', handler);
    const call = scene.request(wire, 'GET /', { traceparent: traceparent(client) });
    const server = scene.start(price, 'server', client, { 'network.peer.port': wire.clientPort });
    scene.end(server);
    scene.respond(call);
    scene.end(client, handler);
    scene.export(client, handler);
    scene.export(server);
    expect(scene.settle()).toEqual([
      'web server sdk',
      '  web client sdk',
      '    web client by wire_context',
      '      price server by peer',
      '        price server sdk by wire_context',
    ]);
    expect(scene.span(server.spanId)!.attributes['spanloom.original_parent_span_id']).toBe(client.spanId);
    expect(scene.span(client.spanId)!.attributes).toEqual({});
  });

  it('puts calls without SDK under the SDK span of the request that caused them', () => {
    const scene = new Scene({ overlap: 'nest' });
    const stock = scene.process('stock', { runtime: 'python' });
    const price = scene.process('price', { runtime: 'python' });
    const outer = scene.request(scene.connection(scene.stranger('web'), stock));
    const wire = scene.connection(stock, price);
    const call = scene.request(wire, 'GET /price');
    const handler = scene.start(price, 'server', undefined, { 'network.peer.port': wire.clientPort });
    scene.exchange(scene.connection(price, scene.stranger('redis')), 'GET /key');
    scene.end(handler);
    scene.respond(call);
    scene.respond(outer);
    scene.export(handler);
    expect(scene.settle()).toEqual([
      'stock server',
      '  stock client by thread',
      '    price server by peer',
      '      price server sdk by sdk_span',
      '        price client by thread',
    ]);
    expect(scene.traceIds()).toEqual([handler.traceId]);
  });
});
