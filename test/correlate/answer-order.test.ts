import { describe, expect, it } from 'vitest';
import { type Call, Scene } from './scene.ts';

/** A loop whose calls are known to follow the order of its reads, as far as could be checked. */
function stage() {
  const scene = new Scene({ evidence: new Set(['slice']) });
  const proxy = scene.process('proxy');
  const [client, upstream] = [scene.stranger('client'), scene.stranger('upstream')];
  const arrive = (said: string) => scene.call(scene.connection(client, proxy), said).serverReads();
  const ask = (said: string) => scene.call(scene.connection(proxy, upstream), said).clientWrites();
  const batch = (...lines: string[]) => {
    const requests = lines.map((line) => arrive(line));
    return { requests, calls: lines.map((line) => ask(line)) };
  };
  for (let i = 0; i < 20; i++) {
    const { requests, calls } = batch(`GET /a${i}`, `GET /b${i}`);
    for (const call of calls) call.clientReads();
    for (const request of requests) request.serverWrites();
  }
  return {
    scene,
    batch,
    alike: () => batch('GET /same', 'GET /same', 'GET /same'),
    respond: (calls: readonly Call[], order: readonly number[]) => {
      for (const i of order) calls[i]!.clientReads();
    },
    answer: (requests: readonly Call[], order: readonly number[]) => {
      for (const i of order) requests[i]!.serverWrites();
    },
    parentsOf: (calls: readonly Call[]) => {
      scene.settle();
      return calls.map((call) => scene.span(call.clientSpanId)!.parentSpanId);
    },
  };
}

const ids = (requests: readonly Call[]) => requests.map((request) => request.serverSpanId);

describe('calls of requests that look alike, in the order of the reads', () => {
  it('are linked where requests are answered in the order in which the responses were read', () => {
    const { alike, respond, answer, parentsOf } = stage();
    const { requests, calls } = alike();
    respond(calls, [2, 0, 1]);
    answer(requests, [2, 0, 1]);
    expect(parentsOf(calls)).toEqual(ids(requests));
  });

  it('are linked to none where the queue was worked off in another order, as the answers show', () => {
    const { alike, respond, answer, parentsOf } = stage();
    const { requests, calls } = alike();
    // The first call was made for the last request, the second for the first one …
    respond(calls, [0, 1, 2]);
    answer(requests, [2, 0, 1]);
    expect(parentsOf(calls)).toEqual(['', '', '']);
  });

  it('are linked to none where a request is answered before its call', () => {
    const { alike, respond, answer, parentsOf } = stage();
    const { requests, calls } = alike();
    respond(calls, [1, 2]);
    answer(requests, [0]);
    respond(calls, [0]);
    answer(requests, [1, 2]);
    expect(parentsOf(calls)).toEqual(['', '', '']);
  });

  it('are linked where the answers of this thread come in an order of their own', () => {
    const { batch, alike, respond, answer, parentsOf } = stage();
    const known = batch('GET /one', 'GET /other');
    respond(known.calls, [0, 1]);
    answer(known.requests, [1, 0]);
    const { requests, calls } = alike();
    respond(calls, [0, 1, 2]);
    answer(requests, [2, 0, 1]);
    expect(parentsOf(calls)).toEqual(ids(requests));
  });

  it('are linked where that shows only after the answers', () => {
    const { batch, alike, respond, answer, parentsOf } = stage();
    const { requests, calls } = alike();
    const known = batch('GET /one', 'GET /other');
    respond([...calls, ...known.calls], [0, 1, 2, 3, 4]);
    answer([...requests, ...known.requests], [2, 0, 1, 4, 3]);
    expect(parentsOf(calls)).toEqual(ids(requests));
  });

  it('are linked though one fails and is tried again', () => {
    const { scene, batch, parentsOf } = stage();
    const { requests, calls } = batch('GET /same', 'GET /same');
    calls[0]!.clientReads(503);
    const retry = scene.call(calls[0]!.wire, 'GET /same').clientWrites();
    calls[1]!.clientReads();
    requests[1]!.serverWrites();
    retry.clientReads();
    requests[0]!.serverWrites();
    expect(parentsOf(calls)).toEqual(ids(requests));
  });
});
