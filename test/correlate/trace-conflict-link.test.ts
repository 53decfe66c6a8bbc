import { describe, expect, it } from 'vitest';
import type { CorrelateOptions } from '../../src/correlate/options.ts';
import { Scene, traceparent } from './scene.ts';

/** web (SDK) → stock (no SDK, drops the header) → price (SDK, begins a trace of its own) → redis. */
function chain(options: Partial<CorrelateOptions>) {
  const scene = new Scene({ traceConflict: 'link', ...options });
  const web = scene.process('web', { runtime: 'node' });
  const stock = scene.process('stock', { runtime: 'python' });
  const price = scene.process('price', { runtime: 'python' });
  const client = scene.start(web, 'client');
  const outer = scene.request(scene.connection(web, stock), 'GET /', { traceparent: traceparent(client) });
  const wire = scene.connection(stock, price);
  const call = scene.request(wire, 'GET /price');
  const handler = scene.start(price, 'server', undefined, { 'network.peer.port': wire.clientPort });
  scene.exchange(scene.connection(price, scene.stranger('redis')), 'GET /key');
  scene.end(handler);
  scene.respond(call);
  scene.respond(outer);
  scene.end(client);
  scene.export(client);
  scene.export(handler);
  return { scene, client, call, handler, tree: scene.settle() };
}

describe('trace_conflict: link', () => {
  it('leaves the ids of SDK spans and links the trace that a hop cut off to the call it answers', () => {
    const { scene, client, call, handler, tree } = chain({});
    expect(tree).toEqual([
      'web client sdk',
      '  stock server by peer',
      '    stock client by thread',
      'price server sdk',
      '  price client by thread',
    ]);
    expect(scene.span(handler.spanId)).toMatchObject({
      traceId: handler.traceId,
      parentSpanId: '',
      links: [{ traceId: client.traceId, spanId: call.clientSpanId }],
    });
    expect(scene.span(handler.spanId)!.attributes).not.toHaveProperty('spanloom.original_trace_id');
  });

  it('keeps zero-code spans in the trace they hang in when both spans of a pair are shown', () => {
    const { scene, call, handler, tree } = chain({ overlap: 'nest' });
    expect(tree).toEqual([
      'web client sdk',
      '  web client by wire_context',
      '    stock server by peer',
      '      stock client by thread',
      '        price server by peer',
      'price server sdk',
      '  price client by thread',
    ]);
    expect(scene.span(handler.spanId)!.links).toMatchObject([{ spanId: call.serverSpanId }]);
  });

  it('still joins zero-code spans to the SDK trace below them, and moves nothing out of its trace', () => {
    const scene = new Scene({ traceConflict: 'link' });
    const nginx = scene.process('nginx');
    const web = scene.process('web', { runtime: 'node' });
    const outer = scene.request(scene.connection(scene.stranger('app'), nginx));
    const wire = scene.connection(nginx, web);
    const call = scene.request(wire);
    const handler = scene.start(web, 'server', undefined, { 'network.peer.port': wire.clientPort });
    scene.end(handler);
    scene.respond(call);
    scene.respond(outer);
    scene.export(handler);
    expect(scene.settle()).toEqual([
      'nginx server',
      '  nginx client by thread',
      '    web server sdk by peer',
    ]);
    expect(scene.traceIds()).toEqual([handler.traceId]);
  });

  it('says of every trace that it leaves under its own id', () => {
    const { scene, handler } = chain({});
    expect(scene.correlator.traceFate(handler.traceId)).toEqual({ finalTraceId: handler.traceId });
  });
});
