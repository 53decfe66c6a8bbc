import { describe, expect, it } from 'vitest';
import { Scene, traceparent } from './scene.ts';

const CALLER = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };

describe('a trace whose header says that it is not sampled', () => {
  it.each([
    ['traceparent', { traceparent: traceparent(CALLER, false) }],
    ['b3', { b3: `${CALLER.traceId}-${CALLER.spanId}-0` }],
  ])('gets no zero-code span: %s', (_, header) => {
    const scene = new Scene();
    scene.exchange(scene.connection(scene.stranger('app'), scene.process('nginx')), 'GET /', header);
    expect(scene.settle()).toEqual([]);
  });

  it('is shown where an SDK shows a span of it all the same', () => {
    const scene = new Scene();
    const [nginx, api] = [scene.process('nginx'), scene.process('api', { runtime: 'node' })];
    const call = scene.request(scene.connection(nginx, api), 'GET /', {
      traceparent: traceparent(CALLER, false),
    });
    const handler = scene.start(api, 'server', CALLER);
    scene.end(handler);
    scene.respond(call);
    scene.export(handler);
    scene.settle();
    expect(scene.span(call.clientSpanId)).toBeDefined();
  });
});

describe('a call under an SDK span of its process', () => {
  it('keeps the trace state of the header it carries', () => {
    const scene = new Scene();
    const web = scene.process('web', { runtime: 'node' });
    const handler = scene.start(web, 'internal');
    const call = scene.exchange(scene.connection(web, scene.stranger('api')), 'GET /', {
      traceparent: traceparent(handler),
      tracestate: 'vendor=1',
    });
    scene.end(handler);
    scene.export(handler);
    scene.settle();
    expect(scene.span(call.clientSpanId)!.parentSpanId).toBe(handler.spanId);
    expect(JSON.stringify(scene.releases.map((body) => Buffer.from(body).toString('latin1')))).toContain(
      'vendor=1',
    );
  });
});
