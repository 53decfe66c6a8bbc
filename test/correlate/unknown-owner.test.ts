import { describe, expect, it } from 'vitest';
import { Scene, traceparent } from './scene.ts';

describe('an SDK span of nobody knows whom', () => {
  it('does not describe the call of a proxy that passes its context on', () => {
    const scene = new Scene();
    const [web, nginx, api] = [scene.stranger('web'), scene.process('nginx'), scene.process('api')];
    const client = scene.start(web, 'client');
    const header = { traceparent: traceparent(client) };
    const incoming = scene.request(scene.connection(web, nginx), 'GET /', header);
    const call = scene.exchange(scene.connection(nginx, api), 'GET /', header);
    scene.respond(incoming);
    scene.export(client);
    scene.settle();
    expect(scene.tree()).toEqual([
      'web client sdk',
      '  nginx server by wire_context',
      '    nginx client by forwarded_context',
      '      api server by peer',
    ]);
    expect(scene.span(call.clientSpanId)).toBeDefined();
  });

  it('describes the call of the only program that sent its id', () => {
    const scene = new Scene();
    const web = scene.process('web', { runtime: 'node', exporterSeen: false, pids: [4711] });
    const client = Object.assign(scene.start(web, 'client'), { actor: scene.stranger('elsewhere') });
    scene.exchange(scene.connection(web, scene.process('api')), 'GET /', {
      traceparent: traceparent(client),
    });
    scene.end(client);
    scene.export(client);
    scene.settle();
    expect(scene.tree()).toEqual(['elsewhere client sdk', '  api server by peer']);
  });
});

describe('a SERVER span whose SDK knows of a caller', () => {
  it('does not describe a request that came without header', () => {
    const scene = new Scene();
    const api = scene.process('api', { runtime: 'node' });
    const call = scene.request(scene.connection(scene.stranger('curl'), api), 'GET /');
    const span = scene.start(
      api,
      'server',
      { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' },
      { 'network.peer.port': call.wire.clientPort },
    );
    scene.end(span);
    scene.respond(call);
    scene.export(span);
    scene.settle();
    expect(scene.spans).toHaveLength(2);
  });

  it('describes one whose headers were cut away', () => {
    const scene = new Scene();
    const api = scene.process('api', { runtime: 'node' });
    const call = scene.request(scene.connection(scene.stranger('curl'), api), 'GET /', { complete: false });
    const span = scene.start(
      api,
      'server',
      { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' },
      { 'network.peer.port': call.wire.clientPort },
    );
    scene.end(span);
    scene.respond(call);
    scene.export(span);
    scene.settle();
    expect(scene.spans).toHaveLength(1);
  });
});
