import { describe, expect, it } from 'vitest';
import { Scene } from './scene.ts';

describe('b3, where both ends of a call share a span id', () => {
  function called(order: 'client first' | 'server first', itself: boolean) {
    const scene = new Scene();
    const web = scene.process('web', { runtime: 'node' });
    const api = itself ? web : scene.process('api', { runtime: 'node' });
    const client = scene.start(web, 'client');
    const call = scene.request(scene.connection(web, api), 'GET /', {
      b3: `${client.traceId}-${client.spanId}-1`,
    });
    const server = Object.assign(scene.start(api, 'server', client), {
      spanId: client.spanId,
      parentSpanId: '',
    });
    scene.end(server);
    scene.respond(call);
    scene.end(client);
    for (const span of order === 'client first' ? [client, server] : [server, client]) scene.export(span);
    scene.settle();
    return { scene, client };
  }

  it.each([
    ['client first', false],
    ['server first', false],
    ['client first', true],
    ['server first', true],
  ] as const)('the call is described by the CLIENT span: %s, of a program to itself: %s', (order, itself) => {
    const { scene } = called(order, itself);
    const shown = scene.spans.filter((span) => span.scope === 'sdk');
    expect(shown.map(({ kind }) => kind).sort()).toEqual(['CLIENT', 'SERVER']);
    const client = shown.find(({ kind }) => kind === 'CLIENT')!;
    expect(client.attributes['spanloom.request.bytes']).toBe(100);
    expect(scene.spans.filter((span) => span.scope === 'spanloom' && span.kind === 'CLIENT')).toEqual([]);
  });
});
