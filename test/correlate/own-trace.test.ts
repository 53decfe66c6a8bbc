import { describe, expect, it } from 'vitest';
import type { CorrelateOptions } from '../../src/correlate/options.ts';
import { Scene } from './scene.ts';

const CALLER = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
const B3 = { b3: `${CALLER.traceId}-${CALLER.spanId}-1` };

/** `stock` was asked, and may ask `price`. */
function asked(options: Partial<CorrelateOptions> = {}) {
  const scene = new Scene(options);
  const stock = scene.process('stock', { runtime: 'python' });
  const price = scene.process('price', { runtime: 'python' });
  const outer = scene.request(scene.connection(scene.stranger('web'), stock), 'GET /stock', B3);
  return { scene, price, wire: scene.connection(stock, price), outer };
}

/** `stock` hands on what it got to `price`, whose SDK begins a trace of its own and calls out in it. */
function ignoring(options: Partial<CorrelateOptions> = {}, attributes: Record<string, string | number> = {}) {
  const { scene, price, wire, outer } = asked(options);
  const request = scene.request(wire, 'GET /price', B3);
  const handler = scene.start(price, 'server', undefined, {
    'http.request.method': 'GET',
    'network.peer.port': wire.clientPort,
    ...attributes,
  });
  const client = scene.start(price, 'client', handler);
  const traceparent = `00-${client.traceId}-${client.spanId}-01`;
  scene.exchange(scene.connection(price, scene.stranger('rates')), 'GET /rates', {
    traceparent,
  });
  scene.end(client, handler);
  scene.respond(request);
  scene.respond(outer);
  return { scene, handler, client };
}

describe('an SDK that does not read the context of a request and begins a trace of its own', () => {
  it('is put where its request is, and its calls with it', () => {
    const { scene, handler, client } = ignoring();
    scene.export(client, handler);
    expect(scene.settle()).toEqual([
      'stock server by wire_context',
      '  stock client by forwarded_context',
      '    price server sdk by peer',
      '      price client sdk under bbbbbbbbbbbbbbbb',
    ]);
    expect(scene.traceIds()).toEqual([CALLER.traceId]);
  });

  it('is put there with both spans of each request where both are shown', () => {
    const { scene, handler, client } = ignoring({ overlap: 'nest' });
    scene.export(client, handler);
    expect(scene.settle()).toEqual([
      'stock server by wire_context',
      '  stock client by forwarded_context',
      '    price server by peer',
      '      price server sdk by sdk_span',
      '        price client sdk',
      '          price client by wire_context under bbbbbbbbbbbbbbbb',
    ]);
  });

  it('takes the parent that the context names where the caller is not observed', () => {
    const scene = new Scene();
    const price = scene.process('price', { runtime: 'python' });
    const wire = scene.connection(scene.stranger('web'), price);
    const request = scene.request(wire, 'GET /price', B3);
    const handler = scene.start(price, 'server', undefined, { 'network.peer.port': wire.clientPort });
    scene.end(handler);
    scene.respond(request);
    scene.export(handler);
    scene.settle();
    expect(scene.span(handler.spanId)).toMatchObject({
      traceId: CALLER.traceId,
      parentSpanId: CALLER.spanId,
      attributes: { 'spanloom.original_trace_id': handler.traceId },
    });
  });

  it('keeps its trace, linked to the caller’s, where ids of SDKs are left alone', () => {
    const { scene, handler, client } = ignoring({ traceConflict: 'link' });
    scene.export(client, handler);
    scene.settle();
    expect(scene.span(handler.spanId)).toMatchObject({
      traceId: handler.traceId,
      links: [{ traceId: CALLER.traceId }],
    });
  });

  it.each([
    ['of another path', { 'url.path': '/other' }],
    ['from another port', { 'network.peer.port': 1 }],
  ])('is left alone with a span %s', (_, attributes) => {
    const { scene, handler, client } = ignoring({}, attributes);
    scene.export(client, handler);
    scene.settle();
    expect(scene.span(handler.spanId)).toMatchObject({ traceId: handler.traceId, parentSpanId: '' });
  });

  it('is left alone where its span does not name the port that it was asked from', () => {
    const { scene, price, wire, outer } = asked();
    const request = scene.request(wire, 'GET /price', B3);
    const handler = scene.start(price, 'server', undefined, { 'http.request.method': 'GET' });
    scene.end(handler);
    scene.respond(request);
    scene.respond(outer);
    scene.export(handler);
    scene.settle();
    expect(scene.span(handler.spanId)).toMatchObject({ traceId: handler.traceId, parentSpanId: '' });
  });

  it('is left alone where another span continues the context', () => {
    const { scene, price, wire, outer } = asked();
    const request = scene.request(wire, 'GET /price', B3);
    const port = { 'network.peer.port': wire.clientPort };
    const continued = scene.start(price, 'server', CALLER, port);
    const handler = scene.start(price, 'server', undefined, port);
    scene.end(handler, continued);
    scene.respond(request);
    scene.respond(outer);
    scene.export(handler);
    scene.advance(1);
    scene.export(continued);
    scene.settle();
    expect(scene.span(continued.spanId)!.parentSpanId).toBe(request.clientSpanId);
    expect(scene.span(handler.spanId)).toMatchObject({ traceId: handler.traceId, parentSpanId: '' });
  });

  it('is left alone where matching by content is switched off', () => {
    const { scene, handler, client } = ignoring({ evidence: new Set(['wire_context', 'forwarded_context']) });
    scene.export(client, handler);
    scene.settle();
    expect(scene.span(handler.spanId)).toMatchObject({ traceId: handler.traceId, parentSpanId: '' });
  });
});
