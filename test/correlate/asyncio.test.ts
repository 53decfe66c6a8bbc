import { describe, expect, it } from 'vitest';
import type { Execution } from '../../src/receiver/ebpf/exchange.ts';
import { ContextScene } from './context-scene.ts';
import type { Call } from './scene.ts';
import type { Wire } from './wire.ts';

/** A connection as asyncio serves it: the loop reads it in one context, a task made for it answers in another. */
interface Served {
  readonly wire: Wire;
  readonly reader: Execution;
  readonly task: Execution;
}

class AsyncioScene extends ContextScene {
  /** What the program ran in before it listened. */
  readonly main = this.context();
  readonly #listener = this.context(this.main);

  constructor(runtime: 'go' | 'python' = 'python') {
    super(runtime, 'asyncio');
  }

  accepts(wire: Wire = this.serverWire()): Served {
    const accepting = this.context(this.#listener);
    return { wire, reader: this.context(accepting), task: this.context(this.context(accepting)) };
  }
}

function causes(scene: AsyncioScene, calls: readonly Call[]): (string | undefined)[] {
  scene.settle();
  return calls.map((call) => scene.causeOf(call));
}

describe('asyncio', () => {
  it('keeps requests apart whose tasks take turns on one thread', () => {
    const scene = new AsyncioScene();
    const served = [1, 2, 3].map(() => scene.accepts());
    const requests = served.map(({ wire, reader }) => scene.reads(reader, wire));
    const calls = [2, 0, 1].map((i) => scene.calls(served[i]!.task));
    for (const [i, { task }] of served.entries()) requests[i]!.serverWrites(200, task);
    expect(causes(scene, calls)).toEqual([2, 0, 1].map((i) => requests[i]!.serverSpanId));
    expect(scene.count('links', { evidence: 'asyncio' })).toBe(3);
  });

  it('follows tasks that a task starts', () => {
    const scene = new AsyncioScene();
    const { wire, reader, task } = scene.accepts();
    const other = scene.accepts();
    scene.reads(other.reader, other.wire);
    const request = scene.reads(reader, wire);
    const calls = [scene.calls(scene.context(task)), scene.calls(scene.context(scene.context(task)))];
    request.serverWrites(200, task);
    expect(causes(scene, calls)).toEqual([request.serverSpanId, request.serverSpanId]);
  });

  it('follows the requests of a kept-alive connection', () => {
    const scene = new AsyncioScene();
    const { wire, reader, task } = scene.accepts();
    const requests = [1, 2].map(() => {
      const request = scene.reads(reader, wire);
      const call = scene.calls(scene.context(task));
      request.serverWrites(200, task);
      return { request, call };
    });
    const actual = causes(
      scene,
      requests.map(({ call }) => call),
    );
    expect(actual).toEqual(requests.map(({ request }) => request.serverSpanId));
  });

  it('links nothing that happens between two requests of a connection', () => {
    const scene = new AsyncioScene();
    const { wire, reader, task } = scene.accepts();
    scene.reads(reader, wire).serverWrites(200, task);
    const between = scene.calls(scene.context(task));
    scene.reads(reader, wire).serverWrites(200, task);
    expect(causes(scene, [between])).toEqual([undefined]);
    expect(scene.span(between.clientSpanId)!.attributes).not.toHaveProperty('spanloom.link.ambiguous');
  });

  it('links nothing to the next request of a connection that an earlier one has left running', () => {
    const scene = new AsyncioScene();
    const { wire, reader, task } = scene.accepts();
    const first = scene.reads(reader, wire);
    const leftOver = scene.context(task);
    first.serverWrites(200, task);
    const second = scene.reads(reader, wire);
    const calls = [scene.calls(leftOver), scene.calls(scene.context(leftOver))];
    second.serverWrites(200, task);
    expect(causes(scene, calls)).toEqual([undefined, undefined]);
  });

  it('links nothing of a task that the program started for itself, not even while one request alone is open', () => {
    const scene = new AsyncioScene();
    const { wire, reader, task } = scene.accepts();
    const request = scene.reads(reader, wire);
    const calls = [scene.calls(scene.main), scene.calls(scene.context(scene.main))];
    request.serverWrites(200, task);
    expect(causes(scene, calls)).toEqual([undefined, undefined]);
  });

  it('learns from the task that answers whose calls they were, where the loop reads in no context of a task', () => {
    const scene = new AsyncioScene();
    const wires = [scene.serverWire(), scene.serverWire()];
    const tasks = wires.map(() => scene.context(scene.main));
    const requests = wires.map((wire) => scene.reads(scene.main, wire));
    const calls = [1, 0].map((i) => scene.calls(scene.context(tasks[i]!)));
    for (const [i, request] of requests.entries()) request.serverWrites(200, tasks[i]!);
    expect(causes(scene, calls)).toEqual([requests[1]!.serverSpanId, requests[0]!.serverSpanId]);
  });

  it('does not take for the work of a request what its task did before the request came', () => {
    const scene = new AsyncioScene();
    const wire = scene.serverWire();
    const task = scene.context(scene.main);
    const early = scene.calls(task);
    scene.reads(scene.main, wire).serverWrites(200, task);
    expect(causes(scene, [early])).toEqual([undefined]);
  });

  it('says nothing of connections that are older than the capture: what serves them cannot be told from what serves all', () => {
    const scene = new AsyncioScene();
    const { wire, reader, task } = scene.accepts(scene.oldServerWire());
    const request = scene.reads(reader, wire);
    const call = scene.calls(task);
    request.serverWrites(200, task);
    expect(causes(scene, [call])).toEqual([undefined]);
  });

  it('says that it is ambiguous where one context serves two connections', () => {
    const scene = new AsyncioScene();
    const wires = [scene.serverWire(), scene.serverWire()];
    const shared = scene.context(scene.main);
    const requests = wires.map((wire) => scene.reads(shared, wire));
    const call = scene.calls(scene.context(shared));
    for (const request of requests) request.serverWrites(200, shared);
    expect(causes(scene, [call])).toEqual([undefined]);
    expect(scene.span(call.clientSpanId)!.attributes['spanloom.link.ambiguous']).toBe(true);
  });

  it('says nothing of other runtimes', () => {
    const scene = new AsyncioScene('go');
    const { wire, reader, task } = scene.accepts();
    const request = scene.reads(reader, wire);
    const call = scene.calls(task);
    request.serverWrites(200, task);
    expect(causes(scene, [call])).toEqual([undefined]);
  });
});
