import { describe, expect, it } from 'vitest';
import { command, Scene, traceparent } from './scene.ts';

describe('a request that lasts longer than every wait', () => {
  it('leaves with its end, under the id that its calls named as their parent', () => {
    const scene = new Scene({ maxAge: 30e9, lateWindow: 20e9 });
    const [nginx, stock] = [scene.process('nginx'), scene.process('stock')];
    const incoming = scene.request(scene.connection(scene.stranger('curl'), nginx));
    const call = scene.exchange(scene.connection(nginx, stock));
    scene.advance(45);
    expect(scene.tree()).toEqual([
      'nginx client by thread',
      `  stock server by peer under ${incoming.serverSpanId}`,
    ]);
    scene.advance(600);
    scene.respond(incoming);
    scene.settle();
    expect(scene.tree()).toEqual(['nginx server', '  nginx client by thread', '    stock server by peer']);
    expect(scene.span(call.clientSpanId)!.parentSpanId).toBe(incoming.serverSpanId);
    expect(scene.traceIds()).toHaveLength(1);
  });

  it('waits for its SDK span from its own end, whatever came before', () => {
    const scene = new Scene();
    const web = scene.process('web', { runtime: 'node' });
    const handler = scene.start(web, 'server', undefined, { 'http.request.method': 'GET' });
    const inner = scene.start(web, 'internal', handler);
    const incoming = scene.request(scene.connection(scene.stranger('curl'), web), 'GET /', {
      traceparent: traceparent({ traceId: handler.traceId, spanId: '00f067aa0ba902b7' }),
    });
    scene.end(inner);
    scene.export(inner);
    scene.advance(60);
    expect(scene.spans).toHaveLength(0);
    scene.respond(incoming);
    scene.advance(9);
    expect(scene.spans).toHaveLength(0);
    scene.advance(2);
    expect(scene.spans).toHaveLength(2);
  });
});

describe('a tree that spans keep coming to', () => {
  it('is held from its last exchange on, not from its last span', () => {
    const scene = new Scene();
    const web = scene.process('web', { runtime: 'node' });
    const client = scene.start(web, 'client');
    scene.exchange(scene.connection(web, scene.process('stock')), 'GET /', {
      traceparent: traceparent(client),
    });
    scene.end(client);
    scene.advance(6);
    scene.export(client, scene.start(web, 'internal', client));
    scene.advance(5);
    expect(scene.spans).toHaveLength(3);
  });

  it('is held from its last exchange on, where a span that only its content ties to it brings a trace along', () => {
    const scene = new Scene();
    const web = scene.process('web', { runtime: 'node' });
    const handler = scene.start(web, 'internal');
    const span = scene.start(web, 'client', handler, { 'db.system.name': 'redis' });
    scene.exchange(scene.connection(web, scene.stranger('redis')), command('redis', 'GET'));
    scene.end(span, handler);
    scene.advance(6);
    scene.export(handler, span);
    scene.advance(5);
    expect(scene.spans).toHaveLength(2);
  });

  it('of SDK spans only, of programs that nobody observes, is held from its last span on', () => {
    const scene = new Scene();
    const web = scene.process('web', { observed: false });
    const root = scene.start(web, 'server');
    scene.export(root);
    scene.advance(6);
    scene.export(scene.start(web, 'internal', root));
    scene.advance(9);
    expect(scene.spans).toHaveLength(0);
    scene.advance(2);
    expect(scene.spans).toHaveLength(2);
  });

  it('of SDK spans only leaves at max_age though they keep coming', () => {
    const scene = new Scene({ maxAge: 30e9 });
    const web = scene.process('web', { observed: false });
    const root = scene.start(web, 'server');
    for (let i = 0; i < 8; i++) {
      scene.export(scene.start(web, 'internal', root));
      scene.advance(5);
    }
    expect(scene.spans.length).toBeGreaterThanOrEqual(6);
  });
});

describe('SDK spans that come minutes late', () => {
  it('of one export leave as one batch, of a trace of SDKs only', () => {
    const scene = new Scene({ lateWindow: 600e9 });
    const web = scene.process('web', { observed: false });
    const root = scene.start(web, 'server');
    const late = [1, 2].map(() => scene.start(web, 'internal', root));
    scene.export(root);
    scene.settle();
    scene.advance(300);
    scene.export(scene.start(web, 'server'));
    scene.settle();
    const releases = scene.releases.length;
    for (const span of late) {
      scene.export(span);
      scene.advance(0.12);
    }
    scene.advance(1);
    expect(scene.releases).toHaveLength(releases + 1);
    expect(scene.spans).toHaveLength(4);
    expect(scene.count('late_spans')).toBe(2);
  });

  it('come under the exchange that left in their place, within the late window', () => {
    const scene = new Scene({ lateWindow: 600e9 });
    const web = scene.process('web', { runtime: 'node' });
    const client = scene.start(web, 'client');
    const call = scene.exchange(scene.connection(web, scene.process('stock')), 'GET /', {
      traceparent: traceparent(client),
    });
    scene.end(client);
    scene.settle();
    scene.advance(300);
    scene.export(client);
    scene.advance(1);
    expect(scene.span(client.spanId)!.parentSpanId).toBe(call.clientSpanId);
  });

  it('are passed on as they are once the window is over', () => {
    const scene = new Scene();
    const web = scene.process('web', { runtime: 'node' });
    const client = scene.start(web, 'client');
    scene.exchange(scene.connection(web, scene.process('stock')), 'GET /', {
      traceparent: traceparent(client),
    });
    scene.end(client);
    scene.settle();
    scene.advance(300);
    scene.exchange(scene.connection(scene.stranger('curl'), scene.process('other')));
    scene.settle();
    scene.export(client);
    scene.settle();
    expect(scene.span(client.spanId)).toMatchObject({ parentSpanId: '', traceId: client.traceId });
    expect(scene.count('late_spans')).toBe(0);
  });
});
