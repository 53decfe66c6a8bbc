import { describe, expect, it } from 'vitest';
import { command, Scene, traceparent } from './scene.ts';

describe('a tree', () => {
  it('is held until decision_wait after its outermost exchange has ended', () => {
    const scene = new Scene();
    const nginx = scene.process('nginx');
    const outer = scene.request(scene.connection(scene.stranger('curl'), nginx));
    scene.exchange(scene.connection(nginx, scene.stranger('web')));
    scene.advance(30);
    scene.respond(outer);
    scene.advance(9.99);
    expect(scene.spans).toEqual([]);
    scene.advance(0.12);
    expect(scene.spans).toHaveLength(2);
  });

  it('of SDK spans only is held for decision_wait after the last of them came', () => {
    const scene = new Scene();
    const web = scene.process('web');
    const handler = scene.start(web, 'server');
    scene.export(scene.start(web, 'internal', handler));
    scene.advance(8);
    scene.export(handler);
    scene.advance(9.99);
    expect(scene.spans).toEqual([]);
    scene.advance(0.12);
    expect(scene.tree()).toEqual(['web server sdk', '  web internal sdk']);
  });

  it('waits for the exchanges of the other end of a connection too', () => {
    const scene = new Scene();
    const wire = scene.connection(scene.process('curl'), scene.process('nginx'));
    const call = scene.request(wire);
    call.serverWrites();
    scene.advance(20);
    expect(scene.spans).toEqual([]);
    call.clientReads();
    scene.advance(10.2);
    expect(scene.spans).toHaveLength(2);
  });

  it('lets finished spans go at max_age; what is open keeps the id its children name and leaves with its end', () => {
    const scene = new Scene({ maxAge: 60e9 });
    const nginx = scene.process('nginx');
    const stream = scene.request(scene.connection(scene.stranger('curl'), nginx));
    const call = scene.exchange(scene.connection(nginx, scene.stranger('web')));
    scene.advance(61);
    expect(scene.spans.map((span) => span.spanId)).toEqual([call.clientSpanId]);
    expect(scene.spans[0]!.parentSpanId).toBe(stream.serverSpanId);
    scene.advance(500);
    expect(scene.spans).toHaveLength(1);
    scene.respond(stream);
    scene.advance(1);
    expect(scene.tree()).toEqual(['nginx server', '  nginx client by thread']);
    expect(scene.traceIds()).toHaveLength(1);
  });

  it('keeps a promised id even where a later context would have given it another trace', () => {
    const scene = new Scene({ maxAge: 60e9 });
    const stock = scene.process('stock', { runtime: 'python' });
    const stream = scene.request(scene.connection(scene.stranger('curl'), stock));
    scene.exchange(scene.connection(stock, scene.stranger('db')), command('postgresql', 'SELECT'));
    scene.advance(61);
    const [promised] = scene.traceIds();
    const price = scene.process('price', { runtime: 'node' });
    const wire = scene.connection(stock, price);
    const call = scene.request(wire, 'GET /price');
    const handler = scene.start(price, 'server', undefined, { 'network.peer.port': wire.clientPort });
    scene.end(handler);
    scene.respond(call);
    scene.respond(stream);
    scene.export(handler);
    scene.advance(61);
    expect(scene.traceIds()).toEqual([promised]);
    expect(scene.span(handler.spanId)!.attributes['spanloom.original_trace_id']).toBe(handler.traceId);
  });

  it('leaves at shutdown as it stands, open exchanges and all', () => {
    const scene = new Scene();
    const nginx = scene.process('nginx');
    const outer = scene.request(scene.connection(scene.stranger('curl'), nginx));
    scene.exchange(scene.connection(nginx, scene.stranger('web')));
    scene.advance(2);
    scene.correlator.shutdown();
    expect(scene.tree()).toEqual(['nginx server', '  nginx client by thread']);
    const open = scene.span(outer.serverSpanId)!;
    expect(open.attributes['spanloom.incomplete']).toBe('open');
    expect(open.endUnixNano - open.startUnixNano).toBeGreaterThan(1_900_000_000n);
    scene.respond(outer);
    scene.advance(20);
    expect(scene.spans).toHaveLength(2);
  });

  it('gives pending evidence its last chance at shutdown', () => {
    const scene = new Scene({ evidence: new Set(['slice'] as const) });
    const nginx = scene.process('nginx');
    const client = scene.stranger('curl');
    const requests = ['/a', '/b'].map((path) =>
      scene.request(scene.connection(client, nginx), `GET ${path}`),
    );
    const call = scene.call(scene.connection(nginx, scene.stranger('web')), 'GET /b').clientWrites();
    scene.correlator.shutdown();
    expect(scene.span(call.clientSpanId)!.parentSpanId).toBe(requests[1]!.serverSpanId);
  });
});

it('Trees that are due at about the same time leave in one request', () => {
  const scene = new Scene();
  const wire = scene.connection(scene.stranger('curl'), scene.process('nginx'));
  for (let i = 0; i < 100; i++) scene.exchange(wire);
  scene.settle();
  expect(scene.spans).toHaveLength(100);
  expect(scene.releases).toHaveLength(1);
});

describe('limits', () => {
  it('push out the oldest trees as they stand, and count them', () => {
    const scene = new Scene({ maxSpans: 10 });
    const wire = scene.connection(scene.stranger('curl'), scene.process('nginx'));
    const calls = Array.from({ length: 12 }, () => scene.request(wire));
    expect(scene.spans.map((span) => span.spanId)).toEqual(calls.slice(0, 2).map((c) => c.serverSpanId));
    expect(scene.count('pushed_out_trees')).toBe(2);
    for (const call of calls) scene.respond(call);
    scene.settle();
    expect(scene.spans).toHaveLength(12);
  });

  it('hold for the bytes of SDK spans', () => {
    const scene = new Scene({ maxBytes: 500 });
    const web = scene.process('web');
    for (let i = 0; i < 20; i++) scene.export(scene.start(web, 'internal'));
    expect(scene.spans.length).toBeGreaterThan(0);
    expect(scene.spans.length).toBeLessThan(20);
    scene.settle();
    expect(scene.spans).toHaveLength(20);
  });

  it('forget what has left before they push anything out', () => {
    const scene = new Scene({ maxSpans: 10 });
    const wire = scene.connection(scene.stranger('curl'), scene.process('nginx'));
    for (let i = 0; i < 8; i++) scene.exchange(wire);
    scene.settle();
    for (let i = 0; i < 8; i++) scene.exchange(wire);
    expect(scene.count('pushed_out_trees')).toBe(0);
  });

  it('bound what is remembered by late_window', () => {
    const scene = new Scene({ lateWindow: 5e9 });
    const web = scene.process('web');
    const span = scene.start(web, 'internal');
    scene.export(span);
    scene.settle();
    scene.advance(6);
    scene.exchange(scene.connection(scene.stranger('curl'), web));
    scene.settle();
    scene.export(span);
    expect(scene.count('duplicate_spans')).toBe(0);
  });
});

describe('what comes in', () => {
  it('twice leaves once', () => {
    const scene = new Scene();
    const web = scene.process('web');
    const span = scene.start(web, 'internal');
    scene.export(span);
    scene.export(span);
    scene.settle();
    scene.export(span);
    scene.settle();
    expect(scene.spans).toHaveLength(1);
    expect(scene.count('duplicate_spans')).toBe(2);
  });

  it('with an id that both ends share (b3) leaves for both', () => {
    const scene = new Scene();
    const web = scene.process('web');
    const api = scene.process('api');
    const client = scene.start(web, 'client');
    const server = scene.start(api, 'server', client);
    const shared = Object.assign(server, { spanId: client.spanId, parentSpanId: '' });
    scene.export(client);
    scene.export(shared);
    scene.settle();
    expect(scene.spans.map((span) => span.kind).sort()).toEqual(['CLIENT', 'SERVER']);
    expect(scene.count('duplicate_spans')).toBe(0);
  });

  it('as an exchange twice is one span', () => {
    const scene = new Scene();
    const nginx = scene.process('nginx');
    const call = scene.exchange(scene.connection(scene.stranger('curl'), nginx));
    const { at } = { at: scene.now };
    const again = { ...call.serverExchange! };
    for (const exchange of [call.serverExchange!, again]) {
      scene.did(nginx, { type: 'request', exchange, thread: nginx.main, at });
      scene.did(nginx, { type: 'end', exchange, thread: nginx.main, at });
    }
    expect(scene.settle()).toEqual(['nginx server']);
    expect(scene.count('duplicate_exchanges')).toBe(2);
  });

  it('with invalid ids passes at once, untouched, as often as it comes', () => {
    const scene = new Scene();
    const web = scene.process('web');
    const span = Object.assign(scene.start(web, 'internal'), { traceId: '0'.repeat(32) });
    scene.export(span);
    scene.export(span);
    expect(scene.spans).toHaveLength(2);
    expect(scene.count('unidentified_spans')).toBe(2);
  });

  it('as a circle of SDK parents passes as it came', () => {
    const scene = new Scene();
    const web = scene.process('web');
    const a = scene.start(web, 'internal');
    const b = scene.start(web, 'internal', a);
    const itself = scene.start(web, 'internal');
    scene.export(Object.assign(a, { parentSpanId: b.spanId }), b);
    scene.export(Object.assign(itself, { parentSpanId: itself.spanId }));
    scene.settle();
    expect(scene.spans.map((span) => span.parentSpanId).sort()).toEqual(
      [a, b, itself].map((span) => span.spanId).sort(),
    );
  });

  it('and was discarded is forgotten; once its id is promised it is shown', () => {
    const scene = new Scene({ maxAge: 60e9 });
    const stock = scene.process('stock');
    const web = scene.stranger('web');
    const one = scene.request(scene.connection(web, stock));
    const call = scene.exchange(scene.connection(stock, scene.stranger('db')), command('redis', 'GET'));
    scene.did(stock, { type: 'discard', exchange: one.serverExchange!, at: scene.now });
    expect(scene.settle()).toEqual(['stock client']);
    expect(scene.span(call.clientSpanId)!.parentSpanId).toBe('');

    const two = scene.request(scene.connection(web, stock));
    scene.exchange(scene.connection(stock, scene.stranger('db')), command('redis', 'GET'));
    scene.advance(61);
    scene.did(stock, { type: 'discard', exchange: two.serverExchange!, at: scene.now });
    scene.settle();
    expect(scene.tree()).toEqual(['stock client', 'stock server', '  stock client by thread']);
  });
});

describe('unmatched', () => {
  function play(unmatched: 'keep' | 'drop') {
    const scene = new Scene({ unmatched });
    const web = scene.process('web', { runtime: 'python' });
    const database = scene.connection(web, scene.process('postgres'));
    const outer = scene.request(scene.connection(scene.process('nginx'), web));
    scene.exchange(database, command('postgresql', 'SELECT'));
    scene.respond(outer);
    scene.export(scene.start(web, 'internal'));
    scene.settle();
    return scene;
  }

  it('keep shows exchanges of an instrumented process that nothing explains', () => {
    expect(play('keep').tree()).toEqual([
      'nginx client',
      '  web server by peer',
      '    web client by thread',
      '      postgres server by peer',
      'web internal sdk',
    ]);
  });

  it('drop shows none of them, and hangs what they caused under what caused them', () => {
    const scene = play('drop');
    expect(scene.tree()).toEqual(['nginx client', '  postgres server by peer', 'web internal sdk']);
    expect(scene.count('not_emitted', { reason: 'sampled_out_or_unmatched' })).toBe(2);
  });

  it('keeps exchanges of a trace that the wire says is sampled', () => {
    const scene = new Scene({ unmatched: 'drop' });
    const web = scene.process('web');
    const caller = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
    scene.export(scene.start(web, 'internal'));
    scene.exchange(scene.connection(scene.stranger('app'), web), 'GET /', {
      traceparent: traceparent(caller),
    });
    scene.settle();
    expect(scene.spans).toHaveLength(2);
  });
});
