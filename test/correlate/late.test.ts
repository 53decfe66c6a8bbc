import { describe, expect, it } from 'vitest';
import { command, Scene, traceparent } from './scene.ts';

describe('late SDK spans', () => {
  it('come under the zero-code span that has left in their place', () => {
    const scene = new Scene();
    const web = scene.process('web', { runtime: 'node' });
    const client = scene.start(web, 'client');
    const call = scene.exchange(scene.connection(web, scene.process('stock')), 'GET /', {
      traceparent: traceparent(client),
    });
    scene.end(client);
    expect(scene.settle()).toHaveLength(2);
    scene.export(client);
    scene.advance(1);
    expect(scene.count('late_spans')).toBe(1);
    expect(scene.span(client.spanId)).toMatchObject({
      parentSpanId: call.clientSpanId,
      attributes: { 'spanloom.link.evidence': 'sdk_span' },
    });
    expect(scene.tree()).toEqual(['web client', '  web client sdk by sdk_span', '  stock server by peer']);
  });

  it('leave together as a fragment, soon after they came', () => {
    const scene = new Scene();
    const web = scene.process('web');
    const handler = scene.start(web, 'server');
    const inner = [1, 2].map(() => scene.start(web, 'internal', handler));
    scene.export(handler);
    scene.settle();
    const releases = scene.releases.length;
    for (const span of inner) {
      scene.export(span);
      scene.advance(0.12);
    }
    scene.advance(0.5);
    expect(scene.releases).toHaveLength(releases + 1);
    expect(scene.tree()).toEqual(['web server sdk', '  web internal sdk', '  web internal sdk']);
  });

  it('get the trace id that was given to their trace', () => {
    const scene = new Scene();
    const { handler, inner, outerTrace } = conflict(scene);
    scene.export(handler);
    scene.settle();
    scene.export(inner);
    scene.settle();
    expect(scene.span(inner.spanId)).toMatchObject({
      traceId: outerTrace,
      attributes: { 'spanloom.original_trace_id': handler.traceId },
    });
  });

  it('take the id that their exchange left with, though they know one', () => {
    const scene = new Scene();
    const price = scene.process('price', { runtime: 'node' });
    const span = scene.start(price, 'client', undefined, { 'db.system.name': 'redis' });
    const call = scene.exchange(scene.connection(price, scene.stranger('redis')), command('redis', 'GET'));
    scene.end(span);
    scene.settle();
    const { traceId } = scene.span(call.clientSpanId)!;
    scene.export(span);
    scene.advance(1);
    expect(scene.span(span.spanId)).toMatchObject({ traceId, parentSpanId: call.clientSpanId });
  });

  it('of a trace that left under another id are linked to what they describe, not joined', () => {
    const scene = new Scene();
    const price = scene.process('price', { runtime: 'node' });
    const first = scene.start(price, 'internal');
    const span = scene.start(price, 'client', first, { 'db.system.name': 'redis' });
    const call = scene.exchange(scene.connection(price, scene.stranger('redis')), command('redis', 'GET'));
    scene.export(first);
    scene.end(span);
    scene.settle();
    scene.export(span);
    scene.advance(1);
    const zeroCode = scene.span(call.clientSpanId)!;
    expect(scene.span(span.spanId)).toMatchObject({
      traceId: first.traceId,
      parentSpanId: first.spanId,
      links: [{ traceId: zeroCode.traceId, spanId: zeroCode.spanId }],
    });
  });
});

/** An uninstrumented hop that drops the header between two SDKs. */
function conflict(scene: Scene) {
  const web = scene.process('web', { runtime: 'node' });
  const stock = scene.process('stock', { runtime: 'python' });
  const price = scene.process('price', { runtime: 'go' });
  const client = scene.start(web, 'client');
  const outer = scene.request(scene.connection(web, stock), 'GET /', { traceparent: traceparent(client) });
  const wire = scene.connection(stock, price);
  const call = scene.request(wire, 'GET /price');
  const handler = scene.start(price, 'server', undefined, { 'network.peer.port': wire.clientPort });
  const inner = scene.start(price, 'internal', handler);
  scene.end(inner, handler);
  scene.respond(call);
  scene.respond(outer);
  scene.export(client);
  return { handler, inner, client, outerTrace: client.traceId };
}

describe('two trace ids in one chain', () => {
  it('become one, the one nearest the root; SDK spans remember what they were', () => {
    const scene = new Scene();
    const { handler, inner, client, outerTrace } = conflict(scene);
    scene.export(inner, handler);
    expect(scene.settle()).toEqual([
      'web client sdk',
      '  stock server by peer',
      '    stock client by thread',
      '      price server sdk by peer',
      '        price internal sdk',
    ]);
    expect(scene.traceIds()).toEqual([outerTrace]);
    for (const span of [handler, inner])
      expect(scene.span(span.spanId)!.attributes['spanloom.original_trace_id']).toBe(handler.traceId);
    expect(scene.span(client.spanId)!.attributes['spanloom.original_trace_id']).toBeUndefined();
    expect(scene.correlator.traceFate(handler.traceId)).toEqual({ finalTraceId: outerTrace });
  });

  it('whichever was seen first, nearest the root counts', () => {
    const scene = new Scene();
    const nginx = scene.process('nginx');
    const web = scene.process('web', { runtime: 'node' });
    const wire = scene.connection(nginx, web);
    const outer = scene.request(scene.connection(scene.stranger('curl'), nginx));
    const call = scene.request(wire);
    const handler = scene.start(web, 'server', undefined, { 'network.peer.port': wire.clientPort });
    scene.end(handler);
    scene.respond(call);
    scene.respond(outer);
    scene.export(handler);
    scene.settle();
    expect(scene.traceIds()).toEqual([handler.traceId]);
  });

  it('that have left already are joined by a link only', () => {
    const scene = new Scene({ maxAge: 20e9 });
    const stock = scene.process('stock', { runtime: 'python' });
    const outer = scene.request(scene.connection(scene.stranger('web'), stock));
    scene.exchange(scene.connection(stock, scene.stranger('db')), command('redis', 'GET'));
    const price = scene.process('price');
    const wire = scene.connection(stock, price);
    const late = scene.call(wire, 'GET /price').serverReads();
    late.serverWrites();
    scene.advance(21);
    const left = scene.span(late.serverSpanId)!;
    late.clientWrites().clientReads();
    scene.respond(outer);
    scene.advance(11);
    const client = scene.span(late.clientSpanId)!;
    expect(scene.span(late.serverSpanId)).toBe(left);
    expect(client.traceId).toBe(left.traceId);
    expect(client.links).toEqual([
      { traceId: scene.span(outer.serverSpanId)!.traceId, spanId: outer.serverSpanId },
    ]);
  });
});
