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

  /** A request that had to leave and was forgotten while its thread works on it. */
  function forgotten() {
    const scene = new Scene({ maxSpans: 4, evidence: new Set(['thread']) });
    const stock = scene.process('stock');
    const web = scene.stranger('web');
    const long = scene.request(scene.connection(web, stock));
    const others = scene.connection(scene.stranger('curl'), scene.process('nginx'));
    for (let i = 0; i < 6; i++) scene.request(others);
    return { scene, stock, web, long };
  }

  function callUnderNext({ scene, stock, web }: ReturnType<typeof forgotten>) {
    const request = scene.request(scene.connection(web, stock));
    const call = scene.exchange(scene.connection(stock, scene.stranger('db')), 'GET /price');
    scene.respond(request);
    scene.settle();
    return { request, parent: scene.span(call.clientSpanId)!.parentSpanId };
  }

  it('is not forgotten by its thread, whose calls are not taken for those of the next request', () => {
    expect(callUnderNext(forgotten()).parent).toBe('');
  });

  it('is let go of once its connection is closed', () => {
    const played = forgotten();
    const { scene, stock, long } = played;
    const { socket } = long.serverExchange!.connection;
    scene.did(stock, { type: 'connection', state: 'closed', socket, process: stock.process, at: scene.now });
    const { request, parent } = callUnderNext(played);
    expect(parent).toBe(request.serverSpanId);
  });
});
