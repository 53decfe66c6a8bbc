import { describe, expect, it } from 'vitest';
import { type Call, Scene, traceparent } from './scene.ts';

/** Proxies that pass `traceparent` on as it is, between an SDK's client span and an SDK's server span. */
function through(proxies: readonly string[], options: { calleeObserved?: boolean } = {}) {
  const scene = new Scene();
  const web = scene.process('web', { runtime: 'node' });
  const api = scene.process('api', { runtime: 'node', observed: options.calleeObserved ?? true });
  const client = scene.start(web, 'client');
  const header = { traceparent: traceparent(client) };
  const calls: Call[] = [];
  let from = web;
  for (const name of [...proxies, 'api']) {
    const to = name === 'api' ? api : scene.process(name);
    calls.push(scene.request(scene.connection(from, to), 'GET /', header));
    from = to;
  }
  const handler = scene.start(api, 'server', client, { 'network.peer.port': calls.at(-1)!.wire.clientPort });
  scene.end(handler);
  for (const call of calls.reverse()) scene.respond(call);
  scene.export(client);
  scene.export(handler);
  return { scene, client, handler };
}

describe('forwarded_context', () => {
  it('puts the callee of a proxy under the proxy, which forwards the header as it came', () => {
    const { scene, client, handler } = through(['nginx']);
    expect(scene.settle()).toEqual([
      'web client sdk',
      '  nginx server by peer',
      '    nginx client by forwarded_context',
      '      api server sdk by peer',
    ]);
    expect(scene.span(handler.spanId)!.attributes['spanloom.original_parent_span_id']).toBe(client.spanId);
  });

  it('follows several proxies in a row', () => {
    const { scene } = through(['nginx', 'haproxy', 'apache']);
    expect(scene.settle()).toEqual([
      'web client sdk',
      '  nginx server by peer',
      '    nginx client by forwarded_context',
      '      haproxy server by peer',
      '        haproxy client by forwarded_context',
      '          apache server by peer',
      '            apache client by forwarded_context',
      '              api server sdk by peer',
    ]);
  });

  it('finds the callee without its side of the connection, by the port it saw', () => {
    const { scene } = through(['nginx'], { calleeObserved: false });
    expect(scene.settle()).toEqual([
      'web client sdk',
      '  nginx server by peer',
      '    nginx client by forwarded_context',
      '      api server sdk by forwarded_context',
    ]);
  });

  it('tells the retries of a proxy apart, which repeat trace and parent', () => {
    const scene = new Scene();
    const web = scene.process('web', { runtime: 'node' });
    const nginx = scene.process('nginx');
    const api = scene.process('api', { runtime: 'node', observed: false });
    const client = scene.start(web, 'client');
    const header = { traceparent: traceparent(client) };
    const incoming = scene.request(scene.connection(web, nginx), 'GET /', header);
    const tries = [1, 2].map(() => {
      const call = scene.request(scene.connection(nginx, api), 'GET /', header);
      const handler = scene.start(api, 'server', client, { 'network.peer.port': call.wire.clientPort });
      scene.end(handler);
      scene.respond(call, 502);
      return { call, handler };
    });
    scene.respond(incoming, 502);
    scene.export(client);
    scene.export(...tries.map(({ handler }) => handler).reverse());
    scene.settle();
    for (const { call, handler } of tries) {
      expect(scene.span(call.clientSpanId)!.parentSpanId).toBe(incoming.serverSpanId);
      expect(scene.span(handler.spanId)!.parentSpanId).toBe(call.clientSpanId);
    }
  });

  it('leaves the choice between two open requests with one context to other evidence, else open', () => {
    const scene = new Scene();
    const nginx = scene.process('nginx', { runtime: 'go' });
    const caller = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
    const header = { traceparent: traceparent(caller) };
    const app = scene.stranger('app');
    const incoming = [1, 2].map(() => scene.request(scene.connection(app, nginx), 'GET /', header));
    const call = scene.exchange(scene.connection(nginx, scene.stranger('api')), 'GET /', header);
    for (const one of incoming) scene.respond(one);
    scene.settle();
    expect(scene.span(call.clientSpanId)!.attributes['spanloom.link.ambiguous']).toBe(true);
    expect(scene.count('ambiguous')).toBe(1);
  });

  it('tells two open requests of one trace apart by the span that each names', () => {
    const scene = new Scene();
    const proxy = scene.process('proxy', { runtime: 'node' });
    const app = scene.stranger('app');
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const headers = ['00f067aa0ba902b7', '00f067aa0ba902b8'].map((spanId) => ({
      traceparent: traceparent({ traceId, spanId }),
    }));
    const incoming = headers.map((header) => scene.request(scene.connection(app, proxy), 'GET /', header));
    const call = scene.exchange(scene.connection(proxy, scene.stranger('api')), 'GET /', headers[1]);
    for (const one of incoming) scene.respond(one);
    scene.settle();
    expect(scene.span(call.clientSpanId)!.parentSpanId).toBe(incoming[1]!.serverSpanId);
  });

  it('lets the thread decide between the two', () => {
    const scene = new Scene();
    const apache = scene.process('apache');
    const caller = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
    const header = { traceparent: traceparent(caller) };
    const app = scene.stranger('app');
    const threads = [apache.thread(), apache.thread()];
    const incoming = threads.map((thread) =>
      scene.call(scene.connection(app, apache), 'GET /', header).serverReads(thread),
    );
    const call = scene
      .call(scene.connection(apache, scene.stranger('api')), 'GET /', header)
      .clientWrites(threads[1]);
    call.clientReads();
    for (const one of incoming) one.serverWrites();
    scene.settle();
    expect(scene.span(call.clientSpanId)!.parentSpanId).toBe(incoming[1]!.serverSpanId);
  });

  it('says nothing once the request with that context has been answered', () => {
    const scene = new Scene();
    const proxy = scene.process('proxy', { runtime: 'go' });
    const caller = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
    const header = { traceparent: traceparent(caller) };
    scene.exchange(scene.connection(scene.stranger('app'), proxy), 'GET /', header);
    const call = scene.exchange(scene.connection(proxy, scene.stranger('api')), 'GET /', header);
    scene.settle();
    expect(scene.span(call.clientSpanId)!.parentSpanId).not.toBe(call.serverSpanId);
    expect(scene.span(call.clientSpanId)!.attributes['spanloom.link.evidence']).not.toBe('forwarded_context');
  });

  it('can be switched off', () => {
    const scene = new Scene({ evidence: new Set() });
    const nginx = scene.process('nginx');
    const caller = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
    const header = { traceparent: traceparent(caller) };
    const incoming = scene.request(scene.connection(scene.stranger('app'), nginx), 'GET /', header);
    const call = scene.exchange(scene.connection(nginx, scene.stranger('api')), 'GET /', header);
    scene.respond(incoming);
    scene.settle();
    expect(scene.span(call.clientSpanId)!.parentSpanId).not.toBe(incoming.serverSpanId);
  });
});
