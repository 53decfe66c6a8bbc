import { describe, expect, it } from 'vitest';
import { command, Scene } from './scene.ts';

describe('database calls of an SDK', () => {
  function played() {
    const scene = new Scene();
    const web = scene.process('web', { runtime: 'node' });
    const wire = scene.connection(web, scene.stranger('redis'));
    const root = scene.start(web, 'internal');
    const span = (parent = root) => scene.start(web, 'client', parent, { 'db.system.name': 'redis' });
    const get = () => scene.exchange(wire, command('redis', 'GET'));
    const bytesOf = (id: string) => scene.span(id)!.attributes['spanloom.first_byte'];
    return { scene, web, root, span, get, bytesOf };
  }

  it('are not what was called before they began', () => {
    const { scene, root, span, get } = played();
    get();
    scene.advance(0.005);
    const late = span();
    scene.advance(0.001);
    scene.end(late, root);
    scene.export(late, root);
    scene.settle();
    expect(scene.spans).toHaveLength(3);
  });

  it('of two callers at once are not told apart', () => {
    const { scene, web, root, span, get } = played();
    const parents = [1, 2].map(() => scene.start(web, 'internal', root));
    const calls = parents.map((parent) => span(parent));
    for (const call of calls) {
      get();
      scene.end(call);
    }
    scene.end(...parents, root);
    scene.export(...calls, ...parents, root);
    scene.settle();
    expect(scene.spans).toHaveLength(7);
  });

  it('in quick succession are told apart by when they began, in whatever order they were exported', () => {
    const { scene, root, span, get } = played();
    const calls = [0, 30].map((wait) => {
      const call = span();
      const exchange = get();
      for (let i = 0; i < wait; i++) scene.tick();
      scene.end(call);
      return { call, exchange };
    });
    scene.end(root);
    scene.export(...calls.map(({ call }) => call).reverse(), root);
    scene.settle();
    expect(scene.spans).toHaveLength(3);
    for (const { call, exchange } of calls)
      expect(scene.span(call.spanId)!.startUnixNano).toBeLessThanOrEqual(
        BigInt(exchange.clientExchange!.start) + 1_790_000_000_000_000_000n,
      );
  });
});
