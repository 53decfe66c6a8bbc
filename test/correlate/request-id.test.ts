import { describe, expect, it } from 'vitest';
import { Scene } from './scene.ts';

describe('request_id', () => {
  it('links the call that carries the id of exactly one open request, however the program schedules', () => {
    const scene = new Scene();
    const app = scene.process('app', { runtime: 'node' });
    const clients = scene.stranger('clients');
    const requests = [1, 2, 3].map((i) =>
      scene.request(scene.connection(clients, app), 'GET /', { 'x-request-id': `id-${i}` }),
    );
    const calls = [3, 1, 2].map((i) => {
      const wire = scene.connection(app, scene.stranger('api'));
      return scene.exchange(wire, 'GET /inner', { 'x-request-id': `id-${i}` });
    });
    for (const request of requests) scene.respond(request);
    scene.settle();
    [3, 1, 2].forEach((i, n) => {
      const span = scene.span(calls[n]!.clientSpanId)!;
      expect(span.parentSpanId).toBe(requests[i - 1]!.serverSpanId);
      expect(span.attributes['spanloom.link.evidence']).toBe('request_id');
    });
  });

  it('calls it ambiguous where two open requests carry the same id', () => {
    const scene = new Scene();
    const app = scene.process('app', { runtime: 'node' });
    const clients = scene.stranger('clients');
    const header = { 'x-request-id': 'same' };
    const requests = [1, 2].map(() => scene.request(scene.connection(clients, app), 'GET /', header));
    const call = scene.exchange(scene.connection(app, scene.stranger('api')), 'GET /', header);
    for (const request of requests) scene.respond(request);
    scene.settle();
    expect(scene.span(call.clientSpanId)).toMatchObject({
      parentSpanId: '',
      attributes: { 'spanloom.link.ambiguous': true },
    });
  });

  it('says nothing of an id that came in under another name', () => {
    const scene = new Scene();
    const app = scene.process('app', { runtime: 'node' });
    const request = scene.request(scene.connection(scene.stranger('client'), app), 'GET /', {
      'x-request-id': 'same',
    });
    const call = scene.exchange(scene.connection(app, scene.stranger('api')), 'GET /', {
      'x-correlation-id': 'same',
    });
    scene.respond(request);
    scene.settle();
    expect(scene.span(call.clientSpanId)!.parentSpanId).toBe('');
  });

  it('is told by a second id where several requests came with the first', () => {
    const scene = new Scene({ evidence: new Set(['request_id']) });
    const app = scene.process('app', { runtime: 'node' });
    const [one, other] = ['one', 'other'].map((id) =>
      scene.request(scene.connection(scene.stranger('client'), app), 'GET /', {
        'x-request-id': 'same',
        'x-correlation-id': id,
      }),
    );
    const call = scene.exchange(scene.connection(app, scene.stranger('api')), 'GET /', {
      'x-request-id': 'same',
      'x-correlation-id': 'other',
    });
    for (const request of [one!, other!]) scene.respond(request);
    scene.settle();
    expect(scene.span(call.clientSpanId)!.parentSpanId).toBe(other!.serverSpanId);
  });

  it('does not reach into another process', () => {
    const scene = new Scene();
    const header = { 'x-request-id': 'same' };
    const outer = scene.process('outer', { runtime: 'node' });
    const other = scene.process('other', { runtime: 'node' });
    const request = scene.request(scene.connection(scene.stranger('client'), outer), 'GET /', header);
    const call = scene.exchange(scene.connection(other, scene.stranger('api')), 'GET /', header);
    scene.respond(request);
    scene.settle();
    expect(scene.span(call.clientSpanId)!.parentSpanId).toBe('');
  });

  it('counts its links', () => {
    const scene = new Scene();
    const app = scene.process('app', { runtime: 'node' });
    const header = { 'x-request-id': 'id' };
    scene.request(scene.connection(scene.stranger('client'), app), 'GET /', header);
    scene.exchange(scene.connection(app, scene.stranger('api')), 'GET /', header);
    expect(scene.count('links', { evidence: 'request_id' })).toBe(1);
  });
});
