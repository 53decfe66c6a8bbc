import { describe, expect, it } from 'vitest';
import { Scene } from './scene.ts';

describe('what is held too much', () => {
  it('leaves longest held first, traces of SDKs only and trees alike', () => {
    const scene = new Scene({ maxSpans: 4 });
    const [curl, nginx] = [scene.stranger('curl'), scene.process('nginx')];
    const web = scene.process('web', { observed: false });
    const order: string[] = [];
    const sdkOnly = () => {
      const span = scene.start(web, 'server');
      scene.export(span);
      order.push(span.spanId);
    };
    const tree = () => order.push(scene.exchange(scene.connection(curl, nginx)).serverSpanId);
    for (const hold of [tree, sdkOnly, tree, sdkOnly, sdkOnly, tree, tree, sdkOnly]) hold();
    expect(scene.spans.map(({ spanId }) => spanId)).toEqual(order.slice(0, 4));
    expect(scene.count('pushed_out_trees')).toBe(4);
  });
});
