import { describe, expect, it } from 'vitest';
import { MILLISECOND } from '../../src/collector/clock.ts';
import { command, Scene } from './scene.ts';

function serving() {
  const scene = new Scene();
  const stock = scene.process('stock', { runtime: 'python' });
  const price = scene.process('price', { runtime: 'go' });
  const wire = scene.connection(stock, price);
  return { scene, stock, price, wire };
}

describe('sdk_span', () => {
  it('finds the exchange of a SERVER span without caller by the port of its peer, and renames its trace', () => {
    const { scene, stock, price, wire } = serving();
    const outer = scene.request(scene.connection(scene.stranger('web'), stock));
    const call = scene.request(wire, 'GET /price');
    const handler = scene.start(price, 'server', undefined, {
      'http.request.method': 'GET',
      'network.peer.port': wire.clientPort,
    });
    const inner = scene.start(price, 'internal', handler);
    scene.end(inner, handler);
    scene.respond(call);
    scene.respond(outer);
    scene.export(inner, handler);
    expect(scene.settle()).toEqual([
      'stock server',
      '  stock client by thread',
      '    price server sdk by peer',
      '      price internal sdk',
    ]);
    expect(scene.traceIds()).toEqual([handler.traceId]);
  });

  it.each([
    ['another method', { 'http.request.method': 'POST' }],
    ['another path', { 'http.request.method': 'GET', 'url.path': '/other' }],
    ['another status', { 'http.response.status_code': 404 }],
    ['another port', { 'network.peer.port': 1 }],
    ['the old names, another path', { 'http.method': 'GET', 'http.target': '/other?x=1' }],
    ['the old names, another port', { 'net.peer.port': 1 }],
  ])('does not take an exchange with %s', (_, attributes) => {
    const { scene, price, wire } = serving();
    const call = scene.request(wire, 'GET /price');
    const handler = scene.start(price, 'server', undefined, attributes);
    scene.end(handler);
    scene.respond(call);
    scene.export(handler);
    scene.settle();
    expect(scene.span(call.serverSpanId)).toBeDefined();
    expect(scene.span(handler.spanId)!.parentSpanId).toBe('');
  });

  it('reads the same from old and new semantic conventions', () => {
    for (const attributes of [
      { 'http.method': 'GET', 'http.target': '/price?a=b', 'http.status_code': 200 },
      { 'http.request.method': 'GET', 'url.path': '/price', 'http.response.status_code': 200 },
      { 'http.method': 'get', 'http.url': 'http://price:8080/price?a=b' },
    ]) {
      const { scene, price, wire } = serving();
      const call = scene.request(wire, 'GET /price?a=b');
      const handler = scene.start(price, 'server', undefined, {
        ...attributes,
        'net.sock.peer.port': wire.clientPort,
      });
      scene.end(handler);
      scene.respond(call);
      scene.export(handler);
      expect(scene.settle()).toEqual(['stock client', '  price server sdk by peer']);
    }
  });

  it('leaves two SERVER spans without port alone that overlap', () => {
    const { scene, stock, price } = serving();
    const calls = [1, 2].map(() => scene.request(scene.connection(stock, price), 'GET /price'));
    const handlers = calls.map(() => scene.start(price, 'server'));
    for (const call of calls) scene.respond(call);
    scene.export(...handlers);
    scene.settle();
    for (const call of calls) expect(scene.span(call.serverSpanId)).toBeDefined();
  });

  it('tells the requests of one connection apart by time', () => {
    const { scene, price, wire } = serving();
    const played = [1, 2, 3].map(() => {
      const call = scene.request(wire, 'GET /price');
      const handler = scene.start(price, 'server', undefined, { 'network.peer.port': wire.clientPort });
      scene.end(handler);
      scene.respond(call);
      scene.advance(0.01);
      return { call, handler };
    });
    scene.export(...played.map(({ handler }) => handler));
    scene.settle();
    for (const { call, handler } of played)
      expect(scene.span(handler.spanId)!.parentSpanId).toBe(call.clientSpanId);
  });

  it.each([
    ['to the nanosecond', (start: number) => start],
    ['cut to a millisecond', (start: number) => Math.floor(start / MILLISECOND) * MILLISECOND],
  ])('takes no request for another that was read after the handler began, by clocks %s', (_, clock) => {
    const { scene, price, wire } = serving();
    scene.clock.advanceTo(1.7 * MILLISECOND);
    const played = [1, 2].map(() => {
      const call = scene.request(wire, 'GET /price');
      scene.advance(0.003);
      const handler = scene.start(price, 'server', undefined, { 'network.peer.port': wire.clientPort });
      scene.end(handler);
      const { start } = handler;
      Object.assign(handler, { start: clock(start) });
      handler.end! -= start - handler.start;
      scene.respond(call);
      scene.advance(0.0005);
      return { call, handler };
    });
    scene.export(...played.map(({ handler }) => handler));
    scene.settle();
    for (const { call, handler } of played)
      expect(scene.span(handler.spanId)!.parentSpanId).toBe(call.clientSpanId);
  });

  it('tells quick requests of one connection apart, though the clock cuts both starts to one millisecond', () => {
    const { scene, price, wire } = serving();
    scene.clock.advanceTo(3.1 * MILLISECOND);
    const played = [1, 2].map(() => {
      const call = scene.request(wire, 'GET /price');
      const handler = scene.start(price, 'server', undefined, { 'network.peer.port': wire.clientPort });
      scene.advance(0.0002);
      scene.end(handler);
      const cut = handler.start % MILLISECOND;
      Object.assign(handler, { start: handler.start - cut });
      handler.end! -= cut;
      scene.respond(call);
      return { call, handler };
    });
    scene.export(...played.map(({ handler }) => handler).reverse());
    scene.settle();
    for (const { call, handler } of played)
      expect(scene.span(handler.spanId)!.parentSpanId).toBe(call.clientSpanId);
  });

  it('finds the exchange of a database CLIENT span by system, operation and time', () => {
    const scene = new Scene();
    const price = scene.process('price', { runtime: 'node' });
    const handler = scene.start(price, 'server');
    const span = scene.start(price, 'client', handler, { 'db.system': 'redis', 'db.statement': 'get item' });
    const call = scene.exchange(scene.connection(price, scene.stranger('redis')), command('redis', 'GET'));
    scene.export(span, handler);
    expect(scene.settle()).toEqual(['price server sdk', '  price client sdk']);
    expect(scene.span(span.spanId)!.attributes['spanloom.last_byte']).toBeGreaterThan(0);
    expect(scene.span(call.clientSpanId)).toBeUndefined();
  });

  it('assigns calls in quick succession in order, though each fits them all', () => {
    const scene = new Scene();
    const price = scene.process('price', { runtime: 'node' });
    const wire = scene.connection(price, scene.stranger('redis'));
    const handler = scene.start(price, 'server');
    const played = [1, 2, 3].map((n) => {
      const span = scene.start(price, 'client', handler, { 'db.system.name': 'redis' });
      const call = scene.call(wire, command('redis', 'GET')).clientWrites();
      call.clientExchange!.requestBytes = n;
      call.clientReads();
      scene.end(span);
      return span;
    });
    scene.export(...played, handler);
    scene.settle();
    expect(played.map((span) => scene.span(span.spanId)!.attributes['spanloom.request.bytes'])).toEqual([
      1, 2, 3,
    ]);
    expect(scene.spans).toHaveLength(4);
  });

  it('leaves calls at the same time for different callers unmatched', () => {
    const scene = new Scene();
    const price = scene.process('price', { runtime: 'node' });
    const handlers = [1, 2].map(() => scene.start(price, 'server'));
    const spans = handlers.map((handler) =>
      scene.start(price, 'client', handler, { 'db.system.name': 'redis' }),
    );
    const calls = [1, 2].map(() =>
      scene.exchange(scene.connection(price, scene.stranger('redis')), command('redis', 'GET')),
    );
    scene.export(...spans, ...handlers);
    scene.settle();
    for (const call of calls) expect(scene.span(call.clientSpanId)).toBeDefined();
    expect(scene.count('merged_exchanges')).toBe(0);
  });

  it.each([
    ['another operation', { 'db.system.name': 'redis', 'db.operation.name': 'SET' }],
    ['another system', { 'db.system.name': 'postgresql' }],
  ])('does not take a call of %s', (_, attributes) => {
    const scene = new Scene();
    const price = scene.process('price', { runtime: 'node' });
    const span = scene.start(price, 'client', undefined, attributes);
    const wire = scene.connection(price, scene.stranger('redis'));
    const call = scene.exchange(wire, command('redis', 'GET'));
    scene.export(span);
    scene.settle();
    expect(scene.span(call.clientSpanId)).toBeDefined();
  });

  it('does not take a call that lies outside the span by more than the step of its clock', () => {
    const scene = new Scene();
    const price = scene.process('price', { runtime: 'node' });
    const span = scene.start(price, 'client', undefined, { 'db.system.name': 'redis' });
    scene.end(span);
    scene.clock.advanceTo(scene.now + 5 * MILLISECOND);
    const wire = scene.connection(price, scene.stranger('redis'));
    const call = scene.exchange(wire, command('redis', 'GET'));
    scene.export(span);
    scene.settle();
    expect(scene.span(call.clientSpanId)).toBeDefined();
  });

  it('allows for start times cut to a millisecond', () => {
    const scene = new Scene();
    scene.clock.advanceTo(1.9 * MILLISECOND);
    const price = scene.process('price', { runtime: 'node' });
    const span = scene.start(price, 'client', undefined, { 'db.system.name': 'redis' });
    const call = scene.exchange(scene.connection(price, scene.stranger('redis')), command('redis', 'GET'));
    const cut = Object.assign(span, { start: MILLISECOND });
    cut.end = MILLISECOND + 0.1 * MILLISECOND;
    scene.export(cut);
    scene.settle();
    expect(scene.span(call.clientSpanId)).toBeUndefined();
  });

  it('can be switched off', () => {
    const scene = new Scene({ evidence: new Set(['thread'] as const) });
    const price = scene.process('price', { runtime: 'node' });
    const span = scene.start(price, 'client', undefined, { 'db.system.name': 'redis' });
    const call = scene.exchange(scene.connection(price, scene.stranger('redis')), command('redis', 'GET'));
    scene.export(span);
    scene.settle();
    expect(scene.span(call.clientSpanId)).toBeDefined();
  });
});
