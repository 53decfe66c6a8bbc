import { expect, it } from 'vitest';
import type { Side } from '../../src/receiver/ebpf/exchange.ts';
import { type Call, Scene } from './scene.ts';

function stage(evidence: 'slice' | 'thread' = 'slice') {
  const scene = new Scene({ evidence: new Set([evidence]) });
  const proxy = scene.process('proxy');
  const [client, upstream] = [scene.stranger('client'), scene.stranger('upstream')];
  const older = scene.connection(client, proxy);
  const arrive = (said?: string) => scene.call(scene.connection(client, proxy), said).serverReads();
  const ask = (said?: string) => scene.call(scene.connection(proxy, upstream), said).clientWrites();
  return {
    scene,
    arrive,
    ask,
    /** Requests one at a time, as many as it takes until what a call asks for is believed. */
    earnBelief: () => {
      for (let i = 0; i < 40; i++) {
        const request = arrive(`GET /${i}`);
        ask(`GET /${i}`).clientReads();
        request.serverWrites();
      }
    },
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

it('a call made before a request came is not its, though it alone asks for the same', () => {
  const { scene, earnBelief, arrive, ask, unfollowed, parentOf } = stage();
  earnBelief();
  unfollowed('receive');
  const olderCall = ask();
  const request = arrive();
  const call = ask().clientReads();
  request.serverWrites();
  olderCall.clientReads();
  unfollowed('send');
  scene.settle();
  expect(parentOf(olderCall)).toBe('');
  expect(['', request.serverSpanId]).toContain(parentOf(call));
});

it('a call made while such a request waits is not linked by content either', () => {
  const { scene, earnBelief, arrive, ask, unfollowed, parentOf } = stage();
  earnBelief();
  const request = arrive();
  unfollowed('receive');
  const call = ask().clientReads();
  request.serverWrites();
  scene.settle();
  expect(parentOf(call)).toBe('');
});

it('a thread that has such a request at work beside a followed one calls for either', () => {
  const { scene, arrive, ask, unfollowed, parentOf } = stage('thread');
  const request = arrive();
  unfollowed('receive');
  const during = ask().clientReads();
  unfollowed('send');
  const after = ask().clientReads();
  request.serverWrites();
  scene.settle();
  expect(parentOf(during)).toBe('');
  expect(parentOf(after)).toBe(request.serverSpanId);
});
