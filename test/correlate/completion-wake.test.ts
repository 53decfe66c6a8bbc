import { describe, expect, it } from 'vitest';
import type { Thread } from '../../src/receiver/ebpf/exchange.ts';
import type { ActorOptions } from './actor.ts';
import { type Call, command, Scene } from './scene.ts';
import { CONDITION_WAIT, MUTEX_WAIT, wake } from './worker-pool.ts';

const EVIDENCE = new Set(['thread', 'completion_wake', 'slice'] as const);
const SELECT = command('postgresql', 'SELECT');

/** One request whose thread waits, and a worker that has had the answer to its call. */
function waiting(options: ActorOptions = {}) {
  const scene = new Scene({ evidence: EVIDENCE });
  const app = scene.process('app', { runtime: 'java', ...options });
  const worker = app.thread();
  const request = scene.request(scene.connection(scene.stranger('web'), app));
  const database = scene.connection(app, scene.stranger('db'));
  const call = scene.call(database, SELECT).clientWrites(worker).clientReads();
  return { scene, app, worker, request, database, call };
}

function parentOf(scene: Scene, call: Call): string {
  return scene.span(call.clientSpanId)!.parentSpanId;
}

describe('completion_wake', () => {
  it('gives a call to the request whose thread its worker wakes then', () => {
    const { scene, app, worker, request } = waiting();
    wake(scene, app, worker, request.serverExchange!.thread);
    request.serverWrites();
    expect(scene.settle()).toEqual(['app server', '  app client by completion_wake']);
  });

  it('decides before the next job of the worker', () => {
    const { scene, app, worker, request, database, call } = waiting();
    wake(scene, app, worker, request.serverExchange!.thread);
    request.serverWrites();
    const next = scene.request(scene.connection(scene.stranger('web'), app));
    const second = scene.call(database, SELECT).clientWrites(worker).clientReads();
    wake(scene, app, worker, next.serverExchange!.thread);
    next.serverWrites();
    scene.settle();
    expect(parentOf(scene, call)).toBe(request.serverSpanId);
    expect(parentOf(scene, second)).toBe(next.serverSpanId);
  });

  it('says nothing where the threads of two requests were woken', () => {
    const { scene, app, worker, request, call } = waiting();
    const other = scene.call(scene.connection(scene.stranger('web'), app)).serverReads(app.thread());
    wake(scene, app, worker, request.serverExchange!.thread);
    wake(scene, app, worker, other.serverExchange!.thread);
    for (const each of [request, other]) each.serverWrites();
    scene.settle();
    expect(parentOf(scene, call)).toBe('');
    expect(scene.span(call.clientSpanId)!.attributes['spanloom.link.ambiguous']).toBe(true);
  });

  it('says nothing of a request that came after the call', () => {
    const { scene, app, worker, request, call } = waiting();
    request.serverWrites();
    const later = scene.call(scene.connection(scene.stranger('web'), app)).serverReads(app.thread());
    wake(scene, app, worker, later.serverExchange!.thread);
    later.serverWrites();
    scene.settle();
    expect(parentOf(scene, call)).toBe('');
  });

  it('is not believed from the start where several requests are open', () => {
    const { scene, app, worker, request, call } = waiting();
    const other = scene.call(scene.connection(scene.stranger('web'), app)).serverReads(app.thread());
    wake(scene, app, worker, request.serverExchange!.thread);
    for (const each of [request, other]) each.serverWrites();
    scene.settle();
    expect(parentOf(scene, call)).toBe('');
  });

  describe('where a process has earned belief', () => {
    /** Two requests open at a time, sixty jobs done. */
    const earned = () => {
      const scene = new Scene({ evidence: new Set(['completion_wake']) });
      const app = scene.process('app', { runtime: 'java' });
      const worker = app.thread();
      const web = scene.stranger('web');
      const database = scene.connection(app, scene.stranger('db'));
      const two = () =>
        [1, 2].map(() => scene.call(scene.connection(web, app)).serverReads(app.thread())) as [Call, Call];
      const calls = (thread: Thread) => scene.call(database, SELECT).clientWrites(thread).clientReads();
      const answer = (...requests: Call[]) => {
        for (const request of requests) request.serverWrites();
      };
      for (let job = 0; job < 60; job++) {
        const [first, second] = two();
        calls(worker);
        wake(scene, app, worker, first.serverExchange!.thread);
        answer(first, second);
      }
      return { scene, app, worker, two, calls, answer };
    };

    it('gives a call to one of several requests', () => {
      const { scene, app, worker, two, calls, answer } = earned();
      const [first, second] = two();
      const call = calls(worker);
      wake(scene, app, worker, second.serverExchange!.thread);
      answer(first, second);
      scene.settle();
      expect(parentOf(scene, call)).toBe(second.serverSpanId);
    });

    it('says nothing where the threads of two requests were woken', () => {
      const { scene, app, worker, two, calls, answer } = earned();
      const both = two();
      const call = calls(worker);
      for (const each of both) wake(scene, app, worker, each.serverExchange!.thread);
      answer(...both);
      scene.settle();
      expect(parentOf(scene, call)).toBe('');
    });

    it('says nothing of what a thread called for a request of its own', () => {
      const { scene, app, two, calls, answer } = earned();
      const [first, second] = two();
      const { thread } = first.serverExchange!;
      const call = calls(thread);
      wake(scene, app, thread, second.serverExchange!.thread);
      calls(thread);
      answer(first, second);
      scene.settle();
      expect(parentOf(scene, call)).toBe('');
    });
  });

  describe('where workers wake whoever waits for a job when they begin it as well', () => {
    /** Jobs of one worker; two requests are open at any time, and all but the first begin with a wake. */
    const begins = (jobs: number) => {
      const scene = new Scene({ evidence: new Set(['completion_wake']) });
      const app = scene.process('varnishd');
      const worker = app.thread();
      const web = scene.stranger('web');
      const wire = scene.connection(app, scene.stranger('upstream'));
      const reads = (thread = app.thread()) => scene.call(scene.connection(web, app)).serverReads(thread);
      const wakes = (request: Call) => wake(scene, app, worker, request.serverExchange!.thread);
      const calls = () => scene.call(wire).clientWrites(worker).clientReads();
      const job = (request: Call, { begin = true, end = true } = {}) => {
        if (begin) wakes(request);
        const call = calls();
        if (end) wakes(request);
        return call;
      };
      const other = reads();
      for (let n = 0; n < jobs; n++) {
        const request = reads();
        job(request);
        request.serverWrites();
      }
      const settle = () => {
        other.serverWrites();
        scene.settle();
      };
      return { scene, app, worker, reads, wakes, job, settle };
    };

    it('gives each call to the request whose thread is woken first after it', () => {
      const { scene, reads, job, settle } = begins(100);
      const [first, second] = [reads(), reads()];
      const made = [job(first), job(second)];
      for (const request of [first, second]) request.serverWrites();
      settle();
      expect(made.map((call) => parentOf(scene, call))).toEqual([first.serverSpanId, second.serverSpanId]);
    });

    it('does not take the begin of a job for the end of the one before, which nobody was woken for', () => {
      const { scene, reads, job, settle } = begins(300);
      const [first, second] = [reads(), reads()];
      const made = [job(first, { end: false }), job(second)];
      for (const request of [first, second]) request.serverWrites();
      settle();
      expect(made.map((call) => parentOf(scene, call))).toEqual(['', second.serverSpanId]);
    });

    it('says nothing where a wake is not that of the next job', () => {
      const { scene, reads, wakes, job, settle } = begins(100);
      const [first, second, third] = [reads(), reads(), reads()];
      const call = job(first);
      wakes(third);
      job(second, { begin: false });
      for (const request of [first, second, third]) request.serverWrites();
      settle();
      expect(parentOf(scene, call)).toBe('');
    });

    it('says nothing once results often find nobody asleep', () => {
      const { scene, reads, job, settle } = begins(400);
      for (let n = 0; n < 20; n++) {
        const request = reads();
        job(request, { end: n % 2 === 1 });
        request.serverWrites();
      }
      const request = reads();
      const call = job(request);
      request.serverWrites();
      settle();
      expect(parentOf(scene, call)).toBe('');
    });

    it('a worker may have read requests itself, which end what it did before', () => {
      const { scene, worker, reads, job, settle } = begins(100);
      const [first, second] = [reads(), reads()];
      const call = job(first);
      first.serverWrites();
      const own = reads(worker);
      own.serverWrites();
      const next = job(second, { begin: false });
      second.serverWrites();
      settle();
      expect([call, next].map((each) => parentOf(scene, each))).toEqual([
        first.serverSpanId,
        second.serverSpanId,
      ]);
    });

    it('a call that nobody waits for, before a worker reads a request itself, is none of the next job', () => {
      const { scene, worker, reads, job, settle } = begins(300);
      const request = reads();
      const background = job(request, { begin: false, end: false });
      reads(worker).serverWrites();
      const call = job(request);
      request.serverWrites();
      settle();
      expect([background, call].map((each) => parentOf(scene, each))).toEqual(['', request.serverSpanId]);
    });
  });

  it('gives calls before the last of a lone job to its request only once jobs have been alike', () => {
    const { scene, app, worker, request, database, call: background } = waiting();
    const call = scene.call(database, SELECT).clientWrites(worker).clientReads();
    wake(scene, app, worker, request.serverExchange!.thread);
    request.serverWrites();
    scene.settle();
    expect(parentOf(scene, background)).toBe('');
    expect(parentOf(scene, call)).toBe(request.serverSpanId);
    const jobs = Array.from({ length: 4 }, () => {
      const next = scene.request(scene.connection(scene.stranger('web'), app));
      const calls = [1, 2].map(() => scene.call(database, SELECT).clientWrites(worker).clientReads());
      wake(scene, app, worker, next.serverExchange!.thread);
      next.serverWrites();
      scene.settle();
      return calls.every((each) => parentOf(scene, each) === next.serverSpanId);
    });
    expect(jobs).toEqual([false, false, true, true]);
  });

  it('says nothing of a call whose response the waiting thread itself read, nor of the thread that works on a request', () => {
    const scene = new Scene({ evidence: new Set(['completion_wake']) });
    const app = scene.process('app', { runtime: 'java' });
    const web = scene.stranger('web');
    const [mine, others] = [1, 2].map(() =>
      scene.call(scene.connection(web, app)).serverReads(app.thread()),
    ) as [Call, Call];
    const { thread } = mine.serverExchange!;
    const call = scene.call(scene.connection(app, scene.stranger('db')), SELECT).clientWrites(thread);
    call.clientReads();
    wake(scene, app, thread, others.serverExchange!.thread);
    for (const each of [mine, others]) each.serverWrites();
    scene.settle();
    expect(parentOf(scene, call)).toBe('');
  });

  it.each([
    ['a mutex of glibc', {}, MUTEX_WAIT, false],
    ['the interpreter lock of Python', { runtime: 'python' }, CONDITION_WAIT, true],
    ['anything in Ruby, whose lock waits as results do', { runtime: 'ruby' }, CONDITION_WAIT, false],
    ['anything in Node', { runtime: 'node' }, CONDITION_WAIT, false],
  ] as const)('says nothing of a wait for %s', (_, options, operation, timed) => {
    const { scene, app, worker, request } = waiting(options);
    wake(scene, app, worker, request.serverExchange!.thread, operation, timed);
    request.serverWrites();
    expect(scene.settle()).toEqual(['app server', 'app client']);
  });
});
