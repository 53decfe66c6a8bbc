import { describe, expect, it } from 'vitest';
import type { Thread } from '../../src/receiver/ebpf/exchange.ts';
import type { Actor } from './actor.ts';
import { command, Scene } from './scene.ts';

const EVIDENCE = new Set(['thread'] as const);

describe('thread', () => {
  it('links every call of a fan-out, over any protocol, to the request active on the thread', () => {
    const scene = new Scene({ evidence: EVIDENCE });
    const stock = scene.process('stock', { runtime: 'python' });
    const database = scene.connection(stock, scene.stranger('postgres'));
    const cache = scene.connection(stock, scene.stranger('redis'));
    const api = scene.connection(stock, scene.stranger('price'));
    const request = scene.request(scene.connection(scene.stranger('web'), stock));
    scene.exchange(database, command('postgresql', 'SELECT'));
    scene.exchange(cache, command('redis', 'GET'));
    scene.exchange(api, 'GET /price');
    scene.exchange(database, command('postgresql', 'UPDATE'));
    scene.respond(request);
    expect(scene.settle()).toEqual(['stock server', ...Array(4).fill('  stock client by thread')]);
  });

  it('keeps requests of threads that work at the same time apart', () => {
    const scene = new Scene({ evidence: EVIDENCE });
    const stock = scene.process('stock', { runtime: 'java' });
    const web = scene.stranger('web');
    const played = [1, 2, 3, 4].map(() => {
      const thread = stock.thread();
      return { thread, request: scene.call(scene.connection(web, stock)).serverReads(thread) };
    });
    const calls = played.map(({ thread }) =>
      scene
        .call(scene.connection(stock, scene.stranger('db')), command('postgresql', 'SELECT'))
        .clientWrites(thread),
    );
    for (const call of calls) call.clientReads();
    for (const { request } of played) request.serverWrites();
    scene.settle();
    calls.forEach((call, i) => {
      expect(scene.span(call.clientSpanId)!.parentSpanId).toBe(played[i]!.request.serverSpanId);
    });
  });

  it('links nothing to a request that has been answered', () => {
    const scene = new Scene({ evidence: EVIDENCE });
    const stock = scene.process('stock');
    scene.exchange(scene.connection(scene.stranger('web'), stock));
    scene.exchange(scene.connection(stock, scene.stranger('db')), command('postgresql', 'COMMIT'));
    expect(scene.settle()).toEqual(['stock server', 'stock client']);
  });

  it('takes a request for answered where its response was cut, so that its end is seen late', () => {
    const scene = new Scene({ evidence: EVIDENCE });
    const stock = scene.process('stock');
    const web = scene.stranger('web');
    const database = scene.connection(stock, scene.stranger('db'));
    const select = () => scene.exchange(database, command('postgresql', 'SELECT'));
    const answered = scene.request(scene.connection(web, stock));
    const exchange = answered.serverExchange!;
    exchange.response = { status: 200, failed: false, cut: true };
    scene.did(stock, { type: 'response', exchange, thread: stock.main, at: scene.tick() });
    const between = select();
    const request = scene.request(scene.connection(web, stock));
    const call = select();
    scene.respond(request);
    exchange.end = scene.tick();
    scene.did(stock, { type: 'end', exchange, thread: stock.main, at: scene.now });
    scene.settle();
    expect(scene.span(between.clientSpanId)!.parentSpanId).toBe('');
    expect(scene.span(call.clientSpanId)!.parentSpanId).toBe(request.serverSpanId);
  });

  it('follows the requests of a kept-alive connection one after the other', () => {
    const scene = new Scene({ evidence: EVIDENCE });
    const stock = scene.process('stock');
    const wire = scene.connection(scene.stranger('web'), stock);
    const database = scene.connection(stock, scene.stranger('db'));
    for (let i = 0; i < 3; i++) {
      const request = scene.request(wire);
      const call = scene.exchange(database, command('postgresql', 'SELECT'));
      scene.respond(request);
      scene.advance(11);
      expect(scene.span(call.clientSpanId)!.parentSpanId).toBe(request.serverSpanId);
    }
  });

  it('gives calls between pipelined requests to the first that is not answered', () => {
    const scene = new Scene({ evidence: EVIDENCE });
    const stock = scene.process('stock');
    const wire = scene.connection(scene.stranger('web'), stock);
    const database = scene.connection(stock, scene.stranger('db'));
    const requests = [scene.request(wire), scene.request(wire)];
    const calls = requests.map((request) => {
      const call = scene.exchange(database, command('postgresql', 'SELECT'));
      scene.respond(request);
      return call;
    });
    scene.settle();
    calls.forEach((call, i) => {
      expect(scene.span(call.clientSpanId)!.parentSpanId).toBe(requests[i]!.serverSpanId);
    });
  });

  it('does not trust a process that takes up a request while another connection waits for its answer', () => {
    const scene = new Scene({ evidence: EVIDENCE });
    const loop = scene.process('loop');
    const web = scene.stranger('web');
    const requests = [1, 2].map(() => scene.request(scene.connection(web, loop)));
    scene.respond(requests[0]!);
    scene.exchange(scene.connection(loop, scene.stranger('db')), command('postgresql', 'SELECT'));
    scene.respond(requests[1]!);
    const alone = scene.request(scene.connection(web, loop));
    const call = scene.exchange(scene.connection(loop, scene.stranger('db')), command('redis', 'GET'));
    scene.respond(alone);
    scene.settle();
    expect(scene.span(call.clientSpanId)!.parentSpanId).toBe('');
    expect(scene.count('links', { evidence: 'thread' })).toBe(0);
  });

  it.each(['node', 'go', 'dotnet', 'tokio'] as const)(
    'is not allowed where %s schedules work of its own',
    (runtime) => {
      const scene = new Scene({ evidence: EVIDENCE });
      const app = scene.process('app', { runtime });
      const request = scene.request(scene.connection(scene.stranger('web'), app));
      scene.exchange(scene.connection(app, scene.stranger('db')), command('postgresql', 'SELECT'));
      scene.respond(request);
      expect(scene.settle()).toEqual(['app server', 'app client']);
    },
  );

  it('trusts the others beside a thread that only reads for them, once that has shown', () => {
    const scene = new Scene({ evidence: EVIDENCE });
    const puma = scene.process('puma', { runtime: 'ruby' });
    const web = scene.stranger('web');
    const [reactor, worker] = [puma.thread(), puma.thread()];
    const serve = () => {
      const request = scene.call(scene.connection(web, puma)).serverReads(worker);
      const call = scene.call(scene.connection(puma, scene.stranger('stock'))).clientWrites(worker);
      call.clientReads();
      request.serverWrites(200, worker);
      return { request, call };
    };
    const passedOn = Array.from({ length: 4 }, () =>
      scene.call(scene.connection(web, puma)).serverReads(reactor),
    );
    const early = serve();
    for (const request of passedOn) request.serverWrites(200, worker);
    const late = serve();
    scene
      .call(scene.connection(puma, scene.stranger('stock')))
      .clientWrites(reactor)
      .clientReads();
    const last = serve();
    scene.settle();
    expect([early, late, last].map(({ call }) => scene.span(call.clientSpanId)!.parentSpanId)).toEqual([
      '',
      late.request.serverSpanId,
      // A thread that reads several and calls is no such reader, nor is anything it said before.
      '',
    ]);
  });

  it('decides the same in one drain, where everything is over before it is looked at', () => {
    const scene = new Scene({ evidence: EVIDENCE });
    const stock = scene.process('stock');
    const web = scene.stranger('web');
    const database = scene.connection(stock, scene.stranger('db'));
    scene.inOneDrain(() => {
      for (let i = 0; i < 2; i++) {
        const request = scene.request(scene.connection(web, stock));
        scene.exchange(database, command('postgresql', 'SELECT'));
        scene.respond(request);
      }
    });
    expect(scene.settle()).toEqual([
      'stock server',
      '  stock client by thread',
      'stock server',
      '  stock client by thread',
    ]);
  });

  it('forgets what a thread was doing when it exits', () => {
    const scene = new Scene({ evidence: EVIDENCE });
    const stock = scene.process('stock');
    const thread = stock.thread();
    scene.call(scene.connection(scene.stranger('web'), stock)).serverReads(thread);
    scene.did(stock, { type: 'thread_exit', thread, at: scene.now });
    const call = scene.call(scene.connection(stock, scene.stranger('db')), command('redis', 'GET'));
    call.clientWrites(thread).clientReads();
    scene.settle();
    expect(scene.span(call.clientSpanId)!.parentSpanId).toBe('');
  });

  describe('of threads that the thread of a request makes', () => {
    function start(scene: Scene, actor: Actor, thread = actor.main): Thread {
      const started = actor.thread();
      scene.did(actor, { type: 'thread_start', thread, started, at: scene.tick() });
      return started;
    }

    function exit(scene: Scene, actor: Actor, thread: Thread): void {
      scene.did(actor, { type: 'thread_exit', thread, at: scene.tick() });
    }

    function fanOut() {
      const scene = new Scene({ evidence: EVIDENCE });
      const stock = scene.process('stock', { runtime: 'python' });
      const request = scene.request(scene.connection(scene.stranger('web'), stock));
      const helper = start(scene, stock);
      const database = scene.connection(stock, scene.stranger('db'));
      const call = scene.call(database, command('postgresql', 'SELECT')).clientWrites(helper).clientReads();
      return { scene, stock, request, helper, call };
    }

    it('links the calls of those that end with it at the latest', () => {
      const { scene, stock, request, helper } = fanOut();
      exit(scene, stock, helper);
      scene.respond(request);
      expect(scene.settle()).toEqual(['stock server', '  stock client by thread']);
    });

    it('links the calls of those that such a one made', () => {
      const { scene, stock, request, helper, call } = fanOut();
      const second = start(scene, stock, helper);
      const below = scene.call(call.wire, command('postgresql', 'SELECT')).clientWrites(second).clientReads();
      exit(scene, stock, second);
      exit(scene, stock, helper);
      scene.respond(request);
      scene.settle();
      expect(scene.span(below.clientSpanId)!.parentSpanId).toBe(request.serverSpanId);
    });

    it('links them where the end of the thread is recorded just after the response', () => {
      const { scene, stock, request, helper } = fanOut();
      scene.respond(request);
      exit(scene, stock, helper);
      expect(scene.settle()).toEqual(['stock server', '  stock client by thread']);
    });

    it('does not link those of a pool, which stay', () => {
      const { scene, request } = fanOut();
      scene.respond(request);
      expect(scene.settle()).toEqual(['stock server', 'stock client']);
    });

    it('does not link what such a thread calls after the response', () => {
      const { scene, stock, request, helper, call } = fanOut();
      scene.respond(request);
      const late = scene.call(call.wire, command('postgresql', 'SELECT')).clientWrites(helper).clientReads();
      exit(scene, stock, helper);
      scene.settle();
      expect(scene.span(late.clientSpanId)!.parentSpanId).toBe('');
    });

    it('does not take a thread that serves requests itself for a part of another', () => {
      const { scene, stock, request, helper, call } = fanOut();
      const own = scene.call(scene.connection(scene.stranger('web'), stock)).serverReads(helper);
      const mine = scene.call(call.wire, command('postgresql', 'SELECT')).clientWrites(helper).clientReads();
      own.serverWrites();
      exit(scene, stock, helper);
      scene.respond(request);
      scene.settle();
      expect(scene.span(mine.clientSpanId)!.parentSpanId).toBe(own.serverSpanId);
    });
  });
});
