import { describe, expect, it } from 'vitest';
import { command, Scene } from './scene.ts';

const EVIDENCE = new Set(['slice'] as const);

function stage(runtime: 'native' | 'python' | 'node' = 'native') {
  const scene = new Scene({ evidence: EVIDENCE });
  const proxy = scene.process('proxy', { runtime });
  const client = scene.stranger('client');
  const upstream = scene.stranger('upstream');
  return {
    scene,
    proxy,
    upstream,
    arrive: (line = 'GET /') => scene.call(scene.connection(client, proxy), line).serverReads(),
    ask: (line = 'GET /') => scene.call(scene.connection(proxy, upstream), line).clientWrites(),
    parentOf: (call: { clientSpanId: string }) => scene.span(call.clientSpanId)!.parentSpanId,
  };
}

describe('slice', () => {
  it('gives the calls between two reads to the request that was read, at any concurrency', () => {
    const { scene, arrive, ask, parentOf } = stage();
    const requests = [1, 2, 3].map(() => {
      const request = arrive();
      return { request, calls: [ask(), ask()] };
    });
    for (const { request, calls } of requests.reverse()) {
      for (const call of calls) call.clientReads();
      request.serverWrites();
    }
    scene.settle();
    for (const { request, calls } of requests)
      for (const call of calls) expect(parentOf(call)).toBe(request.serverSpanId);
  });

  it('lets a response stand for the request whose call it answers: a sub-request, then the main call', () => {
    const { scene, arrive, ask, parentOf } = stage();
    const first = arrive();
    const auth = ask();
    const other = arrive();
    const otherAuth = ask();
    auth.clientReads();
    const main = ask();
    otherAuth.clientReads();
    const otherMain = ask();
    for (const call of [main, otherMain]) call.clientReads();
    for (const request of [first, other]) request.serverWrites();
    scene.settle();
    expect([auth, main].map(parentOf)).toEqual([first.serverSpanId, first.serverSpanId]);
    expect([otherAuth, otherMain].map(parentOf)).toEqual([other.serverSpanId, other.serverSpanId]);
  });

  it('takes the opening of a connection for the call', () => {
    const { scene, proxy, upstream, arrive, parentOf } = stage();
    const first = arrive();
    const wire = scene.connect(proxy, upstream);
    const second = arrive();
    const call = scene.call(wire, 'GET /').clientWrites();
    call.clientReads();
    for (const request of [first, second]) request.serverWrites();
    scene.settle();
    expect(parentOf(call)).toBe(first.serverSpanId);
  });

  it('assigns by content after several reads, and says that it can not where requests look alike', () => {
    const { scene, arrive, ask, parentOf } = stage();
    const requests = ['/a', '/b', '/c'].map((path) => arrive(`GET ${path}`));
    const calls = ['/c', '/a', '/b'].map((path) => ask(`GET ${path}`));
    for (const call of calls) call.clientReads();
    for (const request of requests) request.serverWrites();
    const alike = [arrive(), arrive()];
    const unclear = ask();
    unclear.clientReads();
    for (const request of alike) request.serverWrites();
    scene.settle();
    expect(calls.map(parentOf)).toEqual([2, 0, 1].map((i) => requests[i]!.serverSpanId));
    expect(parentOf(unclear)).toBe('');
    expect(scene.count('ambiguous')).toBe(1);
  });

  it('does not believe the order of requests that look alike before it could check it', () => {
    const { scene, arrive, ask, parentOf } = stage();
    const requests = [arrive(), arrive()];
    const calls = [ask(), ask()];
    for (const call of calls) call.clientReads();
    for (const request of requests) request.serverWrites();
    scene.settle();
    expect(calls.map(parentOf)).toEqual(['', '']);
    expect(scene.count('ambiguous')).toBe(2);
  });

  it('leaves out what was answered without a call', () => {
    const { scene, arrive, ask, parentOf } = stage();
    const [local, proxied] = [arrive(), arrive()];
    local.serverWrites();
    const call = ask();
    call.clientReads();
    proxied.serverWrites();
    scene.settle();
    expect(parentOf(call)).toBe(proxied.serverSpanId);
  });

  it('reads backward: the one request answered after the one response read was the one that called', () => {
    const { scene, arrive, ask, parentOf } = stage();
    const requests = [arrive(), arrive()];
    const calls = [ask(), ask()];
    calls[1]!.clientReads();
    requests[1]!.serverWrites();
    calls[0]!.clientReads();
    requests[0]!.serverWrites();
    arrive().serverWrites();
    scene.settle();
    expect(calls.map(parentOf)).toEqual(requests.map((request) => request.serverSpanId));
  });

  it('is not read backward where the statuses differ', () => {
    const { scene, arrive, ask, parentOf } = stage();
    const requests = [arrive(), arrive()];
    const call = ask();
    ask();
    call.clientReads(200);
    requests[1]!.serverWrites(503);
    arrive().serverWrites();
    scene.settle();
    expect(parentOf(call)).toBe('');
  });

  it('believes a call of other content only once the process has earned it', () => {
    const { scene, proxy, arrive, ask, parentOf } = stage();
    const database = scene.connection(proxy, scene.stranger('redis'));
    const query = () => {
      const request = arrive();
      const [call, other] = [1, 2].map(() => scene.call(database, command('redis', 'GET')).clientWrites());
      // Two responses in a row: there is nothing to check it by.
      call!.clientReads();
      other!.clientReads();
      request.serverWrites();
      return { request, call: call! };
    };
    const early = query();
    for (let i = 0; i < 20; i++) {
      const request = arrive();
      ask().clientReads();
      request.serverWrites();
    }
    const later = query();
    arrive().serverWrites();
    scene.settle();
    expect(parentOf(early.call)).toBe('');
    expect(parentOf(later.call)).toBe(later.request.serverSpanId);
  });

  it.each(['python', 'node'] as const)('is not allowed for %s', (runtime) => {
    const { scene, arrive, ask, parentOf } = stage(runtime);
    const request = arrive();
    const call = ask();
    call.clientReads();
    request.serverWrites();
    scene.settle();
    expect(parentOf(call)).toBe('');
  });

  it('does not take a call for that of a request whose response has been written', () => {
    const { scene, arrive, ask, parentOf } = stage();
    const request = arrive();
    const call = ask();
    call.clientReads();
    request.serverWrites();
    const later = ask();
    later.clientReads();
    arrive().serverWrites();
    scene.settle();
    expect([call, later].map(parentOf)).toEqual([request.serverSpanId, '']);
  });

  it('is silent in a process that answered on one thread what it had read on another', () => {
    const { scene, proxy, arrive, ask, parentOf } = stage();
    arrive().serverWrites(200, proxy.thread());
    const request = arrive();
    const call = ask();
    call.clientReads();
    request.serverWrites();
    scene.settle();
    expect(parentOf(call)).toBe('');
  });

  it('does not link to a request that turned out to be none', () => {
    const { scene, proxy, arrive, ask } = stage();
    const request = arrive();
    const exchange = request.serverExchange!;
    scene.did(proxy, { type: 'discard', exchange, at: scene.now });
    ask().clientReads();
    expect(scene.settle()).toEqual(['proxy client']);
  });
});
