import { describe, expect, it } from 'vitest';
import { ContextScene } from './context-scene.ts';
import { command } from './scene.ts';

const HELPER = 0x40_1000;
const WORKER = 0x40_2000;

class GoScene extends ContextScene {
  constructor(runtime: 'go' | 'python' = 'go') {
    super(runtime, 'goroutine');
  }
}

describe('goroutine', () => {
  it('keeps requests apart whose goroutines take turns on one thread', () => {
    const scene = new GoScene();
    const requests = [1, 2, 3, 4].map(() => {
      const goroutine = scene.context();
      return { goroutine, request: scene.reads(goroutine) };
    });
    const calls = [3, 0, 2, 1].map((i) => ({ i, call: scene.calls(requests[i]!.goroutine) }));
    for (const { request } of requests) request.serverWrites();
    scene.settle();
    for (const { i, call } of calls) expect(scene.causeOf(call)).toBe(requests[i]!.request.serverSpanId);
    expect(scene.count('links', { evidence: 'goroutine' })).toBe(4);
  });

  it('follows the requests of a kept-alive connection, and links nothing to one that has been answered', () => {
    const scene = new GoScene();
    const goroutine = scene.context();
    const wire = scene.serverWire();
    const first = scene.reads(goroutine, wire);
    const [early] = [scene.calls(goroutine)];
    first.serverWrites();
    const between = scene.calls(goroutine);
    const second = scene.reads(goroutine, wire);
    const late = scene.calls(goroutine);
    second.serverWrites();
    scene.settle();
    expect([early, between, late].map((call) => scene.causeOf(call))).toEqual([
      first.serverSpanId,
      undefined,
      second.serverSpanId,
    ]);
  });

  it('takes the first of requests that came in together on one connection', () => {
    const scene = new GoScene();
    const goroutine = scene.context();
    const wire = scene.serverWire();
    const [first, second] = [scene.reads(goroutine, wire), scene.reads(goroutine, wire)];
    const calls = [scene.calls(goroutine)];
    first.serverWrites();
    calls.push(scene.calls(goroutine));
    second.serverWrites();
    scene.settle();
    expect(calls.map((call) => scene.causeOf(call))).toEqual([first.serverSpanId, second.serverSpanId]);
  });

  it('can not tell between requests that one goroutine read on several connections', () => {
    const scene = new GoScene();
    const goroutine = scene.context();
    const requests = [scene.reads(goroutine), scene.reads(goroutine)];
    const child = scene.context(goroutine, HELPER);
    const calls = [scene.calls(goroutine), scene.calls(child)];
    scene.ends(child);
    for (const request of requests) request.serverWrites();
    scene.settle();
    expect(calls.map((call) => scene.causeOf(call))).toEqual([undefined, undefined]);
    expect(scene.count('ambiguous')).toBe(2);
  });

  it('links what goroutines do that a request started, once they have ended', () => {
    const scene = new GoScene();
    const goroutine = scene.context();
    const request = scene.reads(goroutine);
    const helpers = [1, 2, 3].map(() => scene.context(goroutine, HELPER));
    const calls = helpers.map((helper) => scene.calls(helper));
    for (const helper of helpers) scene.ends(helper);
    request.serverWrites();
    scene.settle();
    expect(calls.map((call) => scene.causeOf(call))).toEqual(Array(3).fill(request.serverSpanId));
  });

  it('links what those started in turn, whichever ended first', () => {
    const scene = new GoScene();
    const goroutine = scene.context();
    const request = scene.reads(goroutine);
    const [a, b] = [scene.context(goroutine, HELPER), scene.context(goroutine, HELPER)];
    const [below, beside] = [scene.context(a, HELPER), scene.context(b, HELPER)];
    scene.ends(a);
    const calls = [scene.calls(below), scene.calls(beside)];
    scene.ends(below);
    scene.ends(beside);
    scene.ends(b);
    request.serverWrites();
    scene.settle();
    expect(calls.map((call) => scene.causeOf(call))).toEqual(Array(2).fill(request.serverSpanId));
  });

  it('links nothing that was started for nobody', () => {
    const scene = new GoScene();
    const main = scene.context();
    const ticker = scene.context(main);
    const request = scene.reads(scene.context(main));
    const call = scene.calls(ticker);
    request.serverWrites();
    scene.settle();
    expect(scene.causeOf(call)).toBeUndefined();
  });

  it('does not take a worker for a helper that a request started and that goes on to serve others', () => {
    const scene = new GoScene();
    const [one, two] = [scene.context(), scene.context()];
    const first = scene.reads(one);
    const worker = scene.context(one, WORKER);
    const calls = [scene.calls(worker)];
    const second = scene.reads(two);
    calls.push(scene.calls(worker));
    // What it starts for the second request is no helper of the first either.
    const below = scene.context(worker, HELPER);
    calls.push(scene.calls(below));
    scene.ends(below);
    for (const request of [first, second]) request.serverWrites();
    calls.push(scene.calls(worker));
    scene.settle();
    expect(calls.map((call) => scene.causeOf(call))).toEqual(Array(4).fill(undefined));
  });

  it('does not take for a helper what a worker started, when the worker shows late that it is one', () => {
    const scene = new GoScene();
    const goroutine = scene.context();
    const request = scene.reads(goroutine);
    const worker = scene.context(goroutine, WORKER);
    const below = scene.context(worker, HELPER);
    const calls = [scene.calls(worker), scene.calls(below)];
    request.serverWrites();
    calls.push(scene.calls(worker));
    for (const each of [below, worker]) scene.ends(each);
    scene.settle();
    expect(calls.map((call) => scene.causeOf(call))).toEqual(Array(3).fill(undefined));
  });

  it('does not link to the next request what the one before had started', () => {
    const scene = new GoScene();
    const goroutine = scene.context();
    const wire = scene.serverWire();
    const first = scene.reads(goroutine, wire);
    const straggler = scene.context(goroutine, HELPER);
    first.serverWrites();
    const second = scene.reads(goroutine, wire);
    const call = scene.calls(straggler);
    scene.ends(straggler);
    second.serverWrites();
    scene.settle();
    expect(scene.causeOf(call)).toBeUndefined();
  });

  it('believes one that still runs when the tree leaves if those of its kind have always ended in time', () => {
    const scene = new GoScene();
    const goroutine = scene.context();
    const wire = scene.serverWire();
    const request = scene.reads(goroutine, wire);
    const [unproved, proved] = [WORKER, HELPER].map((origin) => {
      for (let i = 0; i < (origin === HELPER ? 16 : 15); i++) scene.ends(scene.context(goroutine, origin));
      return scene.calls(scene.context(goroutine, origin));
    });
    scene.advance(20);
    request.serverWrites();
    scene.settle();
    expect(scene.causeOf(proved!)).toBe(request.serverSpanId);
    expect(scene.causeOf(unproved!)).toBeUndefined();
  });

  it('lets weaker evidence, or none, speak where the goroutine is not known, and in other runtimes', () => {
    const scene = new GoScene();
    const request = scene.call(scene.serverWire()).serverReads();
    const call = scene.calls({ thread: scene.service.main });
    request.serverWrites();
    const other = new GoScene('python');
    const task = other.context();
    const read = other.reads(task);
    const asked = other.calls(task);
    read.serverWrites();
    for (const each of [scene, other]) each.settle();
    expect(scene.causeOf(call)).toBeUndefined();
    expect(other.causeOf(asked)).toBeUndefined();
  });

  it('forgets the requests of a process that ended', () => {
    const scene = new GoScene();
    const goroutine = scene.context();
    scene.reads(goroutine);
    const helper = scene.context(goroutine, HELPER);
    const pending = scene.calls(helper);
    const { process } = scene.service;
    scene.did(scene.service, { type: 'process_exit', process, at: scene.tick() });
    const call = scene
      .call(scene.connection(scene.service, scene.stranger('db')), command('redis', 'GET'))
      .clientWrites(goroutine);
    call.clientReads();
    scene.settle();
    expect(scene.causeOf(call)).toBeUndefined();
    expect(scene.causeOf(pending)).toBeUndefined();
  });
});
