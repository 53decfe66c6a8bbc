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

    it('says nothing of what a thread called that reads requests itself', () => {
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
