import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../src/correlate/link/rule.ts';
import type { ActorOptions } from './actor.ts';
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

  it('does not take a thread that works on several requests at a time for a worker', () => {
    const scene = new Scene({ evidence: EVIDENCE });
    const app = scene.process('app');
    const loop = app.thread();
    const web = scene.stranger('web');
    const both = [1, 2].map(() => scene.call(scene.connection(web, app)).serverReads(loop));
    for (const each of both) each.serverWrites();
    const request = scene.call(scene.connection(web, app)).serverReads(app.thread());
    const call = scene.call(scene.connection(app, scene.stranger('db')), SELECT).clientWrites(loop);
    call.clientReads();
    request.serverWrites(200, loop);
    scene.settle();
    expect(parentOf(scene, call)).toBe('');
  });

  describe('where some requests are read by the workers and others for them', () => {
    /** How a request is served: read by its worker or not, with a call of no request's in between or not. */
    const server = (
      requestsOfItsOwn: number,
      options: ActorOptions = {},
      evidence: ReadonlySet<Evidence> = EVIDENCE,
    ) => {
      const scene = new Scene({ evidence });
      const app = scene.process('app', options);
      const [worker, reader, elsewhere] = [app.thread(), app.thread(), app.thread()];
      const web = scene.stranger('web');
      const database = scene.connection(app, scene.stranger('db'));
      const calls = () => scene.call(database, SELECT).clientWrites(worker).clientReads();
      for (let n = 0; n < requestsOfItsOwn; n++) {
        const request = scene.call(scene.connection(web, app)).serverReads(worker);
        calls();
        request.serverWrites();
      }
      const handedOver = (between: () => void = () => {}) => {
        const others = [1, 2].map(() => scene.call(scene.connection(web, app)).serverReads(app.thread()));
        const request = scene.call(scene.connection(web, app)).serverReads(reader);
        const call = calls();
        between();
        request.serverWrites(200, worker);
        for (const other of others) other.serverWrites();
        scene.settle();
        return { request, linkedTo: parentOf(scene, call) };
      };
      return { scene, app, worker, elsewhere, web, calls, handedOver };
    };

    it('those that workers read show that all is done as one job a request', () => {
      const { request, linkedTo } = server(130).handedOver();
      expect(linkedTo).toBe(request.serverSpanId);
    });

    it('that has to be seen often enough', () => {
      expect(server(40).handedOver().linkedTo).toBe('');
    });

    it('a call before a worker reads its request shows jobs of another kind', () => {
      const { scene, app, worker, web, calls, handedOver } = server(130);
      for (let n = 0; n < 4; n++) {
        calls();
        scene.call(scene.connection(web, app)).serverReads(worker).serverWrites();
      }
      expect(handedOver().linkedTo).toBe('');
    });

    it.each([
      ['a result handed to the thread of another request ends a job', 'native', false],
      ['the interpreter lock of Ruby ends none', 'ruby', true],
    ] as const)('%s', (_, runtime, linked) => {
      const { scene, app, worker, elsewhere, web, handedOver } = server(130, { runtime });
      const waiting = scene.call(scene.connection(web, app)).serverReads(elsewhere);
      const { request, linkedTo } = handedOver(() => wake(scene, app, worker, elsewhere));
      waiting.serverWrites();
      expect(linkedTo).toBe(linked ? request.serverSpanId : '');
    });

    it('what a worker calls while it has a request of its own is not for another that it answers', () => {
      const { scene, app, worker, web, handedOver } = server(130, {}, new Set(['response_writer']));
      const own = scene.call(scene.connection(web, app)).serverReads(worker);
      expect(handedOver().linkedTo).toBe('');
      own.serverWrites();
    });
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
