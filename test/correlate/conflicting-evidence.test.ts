import { describe, expect, it } from 'vitest';
import { Scene, traceparent } from './scene.ts';

const [ONE, OTHER] = ['1', '2'].map((digit) => ({ traceId: digit.repeat(32), spanId: digit.repeat(16) })) as [
  { traceId: string; spanId: string },
  { traceId: string; spanId: string },
];

describe('evidence that disagrees', () => {
  it('is not heard where stronger evidence left a choice that it is not among', () => {
    const scene = new Scene();
    const proxy = scene.process('proxy');
    const app = scene.stranger('app');
    const threads = [proxy.thread(), proxy.thread(), proxy.thread()];
    const header = { 'x-request-id': 'a' };
    const incoming = threads.map((thread, i) =>
      scene.call(scene.connection(app, proxy), `GET /${i}`, i < 2 ? header : {}).serverReads(thread),
    );
    const call = scene.call(scene.connection(proxy, scene.stranger('api')), 'GET /x', header);
    call.clientWrites(threads[2]).clientReads();
    for (const one of incoming) one.serverWrites();
    scene.settle();
    expect(scene.span(call.clientSpanId)).toMatchObject({
      parentSpanId: '',
      attributes: { 'spanloom.link.ambiguous': true },
    });
  });

  it('does not link a call to a request of another trace', () => {
    const scene = new Scene();
    const app = scene.process('app');
    const incoming = scene.request(scene.connection(scene.stranger('curl'), app), 'GET /', {
      traceparent: traceparent(ONE),
    });
    const call = scene.exchange(scene.connection(app, scene.stranger('api')), 'GET /', {
      traceparent: traceparent(OTHER),
    });
    scene.respond(incoming);
    scene.settle();
    expect(scene.span(call.clientSpanId)).toMatchObject({ traceId: OTHER.traceId, parentSpanId: '' });
  });

  it('that comes later is not heard where it names another than those left to choose from', () => {
    const scene = new Scene();
    const loop = scene.process('loop');
    const app = scene.stranger('app');
    const header = { 'x-request-id': 'a' };
    const incoming = [1, 2].map(() => scene.request(scene.connection(app, loop), 'GET /same', header));
    for (const one of incoming) scene.respond(one);
    const [first, second] = [1, 2].map(() =>
      scene.call(scene.connection(app, loop), 'GET /two', header).serverReads(loop.thread()),
    );
    const alone = scene.request(scene.connection(app, loop), 'GET /alone');
    const call = scene
      .call(scene.connection(loop, scene.stranger('api')), 'GET /alone', header)
      .clientWrites();
    call.clientReads();
    for (const one of [first!, second!, alone]) one.serverWrites();
    scene.settle();
    expect(scene.span(call.clientSpanId)!.parentSpanId).not.toBe(alone.serverSpanId);
  });
});

describe('evidence that comes when the call has left', () => {
  it('changes nothing', () => {
    const scene = new Scene({ maxAge: 5e9 });
    const loop = scene.process('loop');
    const app = scene.stranger('app');
    const [first, second] = ['GET /a', 'GET /b'].map((line) =>
      scene.request(scene.connection(app, loop), line),
    );
    const call = scene.call(scene.connection(loop, scene.stranger('api')), 'GET /other').clientWrites();
    scene.advance(6);
    call.clientReads();
    first!.serverWrites();
    second!.serverWrites();
    scene.settle();
    expect(scene.count('links', { evidence: 'slice' })).toBe(0);
    expect(scene.span(call.clientSpanId)!.parentSpanId).toBe('');
  });
});

describe('evidence that was contradicted', () => {
  it('is not believed in that process until it has been right often enough', () => {
    const scene = new Scene();
    const app = scene.process('app');
    const clients = scene.stranger('clients');
    const api = scene.stranger('api');
    const [one, other] = [app.thread(), app.thread()];
    const named = { 'x-request-id': 'a' };
    const mine = scene.call(scene.connection(clients, app), 'GET /mine').serverReads(one);
    const theirs = scene.call(scene.connection(clients, app), 'GET /theirs', named).serverReads(other);
    const call = scene.call(scene.connection(app, api), 'GET /', named).clientWrites(one).clientReads();
    for (const request of [mine, theirs]) request.serverWrites();
    const alone = scene.call(scene.connection(clients, app), 'GET /alone').serverReads(one);
    const next = scene.call(scene.connection(app, api), 'GET /x').clientWrites(one).clientReads();
    alone.serverWrites();
    scene.settle();
    expect(scene.span(call.clientSpanId)!.parentSpanId).toBe(theirs.serverSpanId);
    expect(scene.span(next.clientSpanId)!.parentSpanId).toBe('');
  });
});
