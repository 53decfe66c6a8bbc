import { expect, it } from 'vitest';
import type { Side } from '../../src/receiver/ebpf/exchange.ts';
import { type Call, Scene } from './scene.ts';

function stage() {
  const scene = new Scene({ evidence: new Set(['slice']) });
  const proxy = scene.process('proxy');
  const [client, upstream] = [scene.stranger('client'), scene.stranger('upstream')];
  const older = scene.connection(client, proxy);
  return {
    scene,
    arrive: () => scene.call(scene.connection(client, proxy)).serverReads(),
    ask: () => scene.call(scene.connection(proxy, upstream)).clientWrites(),
    /** Bytes of a request that began before the capture. */
    unfollowed: (direction: 'receive' | 'send', side: Side = 'server') => {
      const { socket } = side === 'server' ? older.serverEnd : older.clientEnd;
      scene.did(proxy, { type: 'unfollowed', direction, side, socket, thread: proxy.main, at: scene.tick() });
    },
    parentOf: (call: Call) => scene.span(call.clientSpanId)!.parentSpanId,
  };
}

it('a request begun before the capture does not keep later ones from being told apart', () => {
  const { scene, arrive, ask, unfollowed, parentOf } = stage();
  unfollowed('receive');
  const olderCall = ask();
  olderCall.clientReads();
  unfollowed('send');
  const later = [1, 2, 3].map(() => {
    const request = arrive();
    const call = ask().clientReads();
    request.serverWrites();
    return { request, call };
  });
  scene.settle();
  expect(parentOf(olderCall)).toBe('');
  expect(later.map(({ call }) => parentOf(call))).toEqual(later.map(({ request }) => request.serverSpanId));
});

it('a call made while such a request waits may be its: it is given to nobody', () => {
  const { scene, arrive, ask, unfollowed, parentOf } = stage();
  unfollowed('receive');
  const request = arrive();
  const call = ask().clientReads();
  unfollowed('send');
  request.serverWrites();
  arrive().serverWrites();
  scene.settle();
  expect(parentOf(call)).toBe('');
});

it('a response that is not followed is no request of its own: calls after it are told apart again', () => {
  const { scene, arrive, ask, unfollowed, parentOf } = stage();
  unfollowed('receive', 'client');
  unfollowed('send');
  const request = arrive();
  const call = ask().clientReads();
  request.serverWrites();
  scene.settle();
  expect(parentOf(call)).toBe(request.serverSpanId);
});
