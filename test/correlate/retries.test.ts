import { describe, expect, it } from 'vitest';
import { command, Scene, traceparent } from './scene.ts';

const CALLER = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };

/** A proxy that nobody instrumented forwards its context and tries two callees whose own sides are not observed. */
function proxied() {
  const scene = new Scene();
  const nginx = scene.process('nginx');
  const api = scene.process('api', { runtime: 'node', observed: false });
  const header = { traceparent: traceparent(CALLER) };
  const incoming = scene.request(scene.connection(scene.stranger('app'), nginx), 'GET /', header);
  const attempt = (attributes: Record<string, string | number> = {}) => {
    const call = scene.request(scene.connection(nginx, api), 'GET /', header);
    const handler = scene.start(api, 'server', CALLER, attributes);
    scene.end(handler);
    return { call, handler };
  };
  const parentOf = (id: string) => scene.span(id)!.parentSpanId;
  return { scene, incoming, attempt, parentOf, api };
}

describe('calls that repeat trace and parent', () => {
  it('are left as they came where nothing tells whose callee is whose', () => {
    const { scene, incoming, attempt, parentOf } = proxied();
    const tries = [attempt(), attempt()];
    for (const { call } of tries) scene.respond(call, 502);
    scene.respond(incoming, 502);
    scene.export(...tries.map(({ handler }) => handler));
    scene.settle();
    for (const { handler } of tries) expect(parentOf(handler.spanId)).toBe(CALLER.spanId);
  });

  it('do not take a callee of another connection that names its port', () => {
    const { scene, incoming, attempt, parentOf } = proxied();
    const { call, handler } = attempt({ 'network.peer.port': 4711 });
    scene.respond(call);
    scene.respond(incoming);
    scene.export(handler);
    scene.settle();
    expect(parentOf(handler.spanId)).toBe(CALLER.spanId);
  });

  it('do not take the one callee that is known, which may be that of the other', () => {
    const { scene, incoming, attempt, parentOf } = proxied();
    const first = attempt();
    scene.respond(first.call, 502);
    // The second attempt comes to a program without SDK.
    scene.exchange(first.call.wire, 'GET /', { traceparent: traceparent(CALLER) });
    scene.respond(incoming);
    scene.export(first.handler);
    scene.settle();
    expect(parentOf(first.handler.spanId)).toBe(CALLER.spanId);
  });

  it.each([1, 2])('over one connection do not tell which of them has which of %i callees', (handled) => {
    const { scene, incoming, attempt, parentOf, api } = proxied();
    const first = attempt();
    scene.respond(first.call, 502);
    scene.exchange(first.call.wire, 'GET /', { traceparent: traceparent(CALLER) });
    scene.respond(incoming);
    const port = { 'network.peer.port': first.call.wire.clientPort };
    const handlers = Array.from({ length: handled }, () => scene.start(api, 'server', CALLER, port));
    scene.export(...handlers);
    scene.settle();
    for (const handler of handlers) expect(parentOf(handler.spanId)).toBe(CALLER.spanId);
  });

  it('do take it where there is one call and one callee', () => {
    const { scene, incoming, attempt, parentOf } = proxied();
    const { call, handler } = attempt();
    scene.respond(call);
    scene.respond(incoming);
    scene.export(handler);
    scene.settle();
    expect(parentOf(handler.spanId)).toBe(call.clientSpanId);
    expect(parentOf(call.clientSpanId)).toBe(incoming.serverSpanId);
  });

  it('of a redirect hang under the one span that made them, each with its own callee', () => {
    const scene = new Scene();
    const [web, api] = [scene.process('web', { runtime: 'node' }), scene.process('api')];
    const client = scene.start(web, 'client');
    const wire = scene.connection(web, api);
    const header = { traceparent: traceparent(client) };
    const moved = scene.request(wire, 'GET /old', header);
    scene.respond(moved, 302);
    const found = scene.exchange(wire, 'GET /new', header);
    scene.end(client);
    scene.export(client);
    scene.settle();
    expect(scene.span(moved.serverSpanId)!.parentSpanId).toBe(client.spanId);
    expect(scene.span(found.clientSpanId)!.parentSpanId).toBe(client.spanId);
    expect(scene.span(found.serverSpanId)!.parentSpanId).toBe(found.clientSpanId);
  });
});

describe('a SERVER span under a header that came in twice', () => {
  function retried(attributes: (port: number) => Record<string, string | number>) {
    const scene = new Scene();
    const [front, api] = [scene.stranger('front'), scene.process('api', { runtime: 'node' })];
    const calls = [1, 2].map(() =>
      scene.request(scene.connection(front, api), 'GET /', { traceparent: traceparent(CALLER) }),
    );
    // The one that came last is handled first.
    const tries = calls.reverse().map((call) => {
      return { call, handler: scene.start(api, 'server', CALLER, attributes(call.wire.clientPort)) };
    });
    for (const { call, handler } of tries) {
      scene.end(handler);
      scene.respond(call);
    }
    scene.export(...tries.map(({ handler }) => handler).reverse());
    scene.settle();
    return { scene, tries };
  }

  it('describes the one of its connection', () => {
    const { scene, tries } = retried((port) => ({ 'http.request.method': 'GET', 'network.peer.port': port }));
    expect(scene.spans).toHaveLength(2);
    for (const { call, handler } of tries)
      expect(scene.span(handler.spanId)!.attributes['spanloom.queue_time']).toBe(
        call.serverExchange!.readAt! - call.serverExchange!.start,
      );
  });

  it('describes none where two at the same time fit it', () => {
    const { scene } = retried(() => ({ 'http.request.method': 'GET' }));
    expect(scene.spans).toHaveLength(4);
  });

  it('describes none of another path', () => {
    const { scene } = retried(() => ({ 'http.request.method': 'GET', 'url.path': '/elsewhere' }));
    expect(scene.spans).toHaveLength(4);
  });
});

describe('a SERVER span that began when the request was answered', () => {
  it('does not describe it', () => {
    const scene = new Scene();
    const api = scene.process('api', { runtime: 'node' });
    const call = scene.exchange(scene.connection(scene.stranger('front'), api), 'GET /', {
      traceparent: traceparent(CALLER),
    });
    scene.advance(0.01);
    const handler = scene.start(api, 'server', CALLER, { 'network.peer.port': call.wire.clientPort });
    scene.export(handler);
    scene.settle();
    expect(scene.spans).toHaveLength(2);
  });
});

describe('a SERVER span of another process', () => {
  it('describes no request, though port and content agree', () => {
    const scene = new Scene();
    const [api, other] = [
      scene.process('api', { runtime: 'node' }),
      scene.process('other', { runtime: 'node' }),
    ];
    const call = scene.request(scene.connection(scene.stranger('front'), api), 'GET /', {
      traceparent: traceparent(CALLER),
    });
    const handler = scene.start(other, 'server', CALLER, { 'network.peer.port': call.wire.clientPort });
    scene.end(handler);
    scene.respond(call);
    scene.export(handler);
    scene.settle();
    expect(scene.spans).toHaveLength(2);
  });
});

describe('a hedged request', () => {
  it('is two calls of one request, each with its own callee, the one given up as well', () => {
    const scene = new Scene();
    const [app, slow, fast] = [scene.process('app'), scene.process('slow'), scene.process('fast')];
    const header = { traceparent: traceparent(CALLER) };
    const incoming = scene.request(scene.connection(scene.stranger('curl'), app), 'GET /order', header);
    const first = scene.request(scene.connection(app, slow), 'GET /stock', header);
    const second = scene.exchange(scene.connection(app, fast), 'GET /stock', header);
    const given = first.clientExchange!;
    given.end = scene.tick();
    given.incomplete = 'connection_closed';
    scene.did(app, { type: 'end', exchange: given, thread: app.main, at: given.end });
    scene.respond(incoming);
    first.serverWrites();
    scene.settle();
    for (const call of [first, second]) {
      expect(scene.span(call.clientSpanId)!.parentSpanId).toBe(incoming.serverSpanId);
      expect(scene.span(call.serverSpanId)!.parentSpanId).toBe(call.clientSpanId);
    }
    expect(scene.span(first.clientSpanId)!.attributes['spanloom.incomplete']).toBe('connection_closed');
  });

  it('without context is two calls, tied by their connections alone', () => {
    const scene = new Scene();
    const app = scene.process('app', { runtime: 'node' });
    const calls = ['slow', 'fast'].map((name) =>
      scene.exchange(scene.connection(app, scene.process(name)), command('redis', 'GET')),
    );
    scene.settle();
    for (const call of calls) expect(scene.span(call.serverSpanId)!.parentSpanId).toBe(call.clientSpanId);
  });
});
