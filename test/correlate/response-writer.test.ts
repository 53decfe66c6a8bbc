import { describe, expect, it } from 'vitest';
import { type Call, command, Scene } from './scene.ts';
import { wake } from './worker-pool.ts';

const EVIDENCE = new Set(['thread', 'response_writer'] as const);
const SELECT = command('postgresql', 'SELECT');

function parentOf(scene: Scene, call: Call): string {
  return scene.span(call.clientSpanId)!.parentSpanId;
}

describe('response_writer', () => {
  it('gives the calls of a worker to the request that it answers then', () => {
    const scene = new Scene({ evidence: EVIDENCE });
    const app = scene.process('app', { runtime: 'java' });
    const worker = app.thread();
    const database = scene.connection(app, scene.stranger('db'));
    const request = scene.request(scene.connection(scene.stranger('web'), app));
    const calls = [1, 2].map(() => scene.call(database, SELECT).clientWrites(worker).clientReads());
    request.serverWrites(200, worker);
    expect(scene.settle()).toEqual(['app server', ...calls.map(() => '  app client by response_writer')]);
  });

  it('gives what is called between the first and the last byte of a response to that response', () => {
    const scene = new Scene({ evidence: EVIDENCE });
    const app = scene.process('app');
    const worker = app.thread();
    const request = scene.request(scene.connection(scene.stranger('web'), app));
    const exchange = request.serverExchange!;
    scene.did(app, { type: 'response', exchange, thread: worker, at: scene.tick() });
    const call = scene.call(scene.connection(app, scene.stranger('db')), SELECT).clientWrites(worker);
    call.clientReads();
    exchange.end = scene.tick();
    scene.did(app, { type: 'end', exchange, thread: worker, at: scene.now });
    scene.settle();
    expect(parentOf(scene, call)).toBe(request.serverSpanId);
  });

  it('says nothing of calls made before the request had been read', () => {
    const scene = new Scene({ evidence: EVIDENCE });
    const app = scene.process('app');
    const worker = app.thread();
    const call = scene.call(scene.connection(app, scene.stranger('db')), SELECT).clientWrites(worker);
    call.clientReads();
    const request = scene.request(scene.connection(scene.stranger('web'), app));
    request.serverWrites(200, worker);
    expect(scene.settle()).toEqual(['app client', 'app server']);
  });

  it('says nothing of a call whose response another thread read', () => {
    const scene = new Scene({ evidence: EVIDENCE });
    const app = scene.process('app');
    const worker = app.thread();
    const request = scene.request(scene.connection(scene.stranger('web'), app));
    const call = scene.call(scene.connection(app, scene.stranger('db')), SELECT).clientWrites(worker);
    call.clientReads(200, app.thread());
    request.serverWrites(200, worker);
    scene.settle();
    expect(parentOf(scene, call)).toBe('');
  });

  it('says nothing of a call after which the worker woke the thread of another request', () => {
    const scene = new Scene({ evidence: EVIDENCE });
    const app = scene.process('app');
    const worker = app.thread();
    const web = scene.stranger('web');
    const [waiting, answered] = [1, 2].map(() =>
      scene.call(scene.connection(web, app)).serverReads(app.thread()),
    ) as [Call, Call];
    const call = scene.call(scene.connection(app, scene.stranger('db')), SELECT).clientWrites(worker);
    call.clientReads();
    wake(scene, app, worker, waiting.serverExchange!.thread);
    waiting.serverWrites();
    answered.serverWrites(200, worker);
    scene.settle();
    expect(parentOf(scene, call)).toBe('');
  });

  it('does not take a thread that reads requests for a worker', () => {
    const scene = new Scene({ evidence: EVIDENCE });
    const app = scene.process('app');
    const loop = app.thread();
    const web = scene.stranger('web');
    scene.call(scene.connection(web, app)).serverReads(loop).serverWrites();
    const request = scene.call(scene.connection(web, app)).serverReads(app.thread());
    const call = scene.call(scene.connection(app, scene.stranger('db')), SELECT).clientWrites(loop);
    call.clientReads();
    request.serverWrites(200, loop);
    scene.settle();
    expect(parentOf(scene, call)).toBe('');
  });

  it.each(['node', 'go', 'dotnet', 'tokio'] as const)('is not allowed in %s', (runtime) => {
    const scene = new Scene({ evidence: EVIDENCE });
    const app = scene.process('app', { runtime });
    const worker = app.thread();
    const request = scene.request(scene.connection(scene.stranger('web'), app));
    scene
      .call(scene.connection(app, scene.stranger('db')), SELECT)
      .clientWrites(worker)
      .clientReads();
    request.serverWrites(200, worker);
    expect(scene.settle()).toEqual(['app server', 'app client']);
  });
});
