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
    const requests = ['GET /a', 'GET /b', 'GET /c'].map((line) => {
      const request = arrive(line);
      return { request, calls: [ask(line), ask(line)] };
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
    const first = arrive('GET /a');
    const auth = ask('GET /a');
    const other = arrive('GET /b');
    const otherAuth = ask('GET /b');
    auth.clientReads();
    const main = ask('GET /a');
    otherAuth.clientReads();
    const otherMain = ask('GET /b');
    for (const call of [main, otherMain]) call.clientReads();
    for (const request of [first, other]) request.serverWrites();
    scene.settle();
    expect([auth, main].map(parentOf)).toEqual([first.serverSpanId, first.serverSpanId]);
    expect([otherAuth, otherMain].map(parentOf)).toEqual([other.serverSpanId, other.serverSpanId]);
  });

  it('takes the opening of a connection for the call', () => {
    const { scene, proxy, upstream, arrive, parentOf } = stage();
    const first = arrive('GET /a');
    const wire = scene.connect(proxy, upstream);
    const second = arrive('GET /b');
    const call = scene.call(wire, 'GET /a').clientWrites();
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

  describe('believes a call of other content', () => {
    function withDatabase() {
      const { scene, proxy, arrive, ask, parentOf } = stage();
      const database = scene.connection(proxy, scene.stranger('redis'));
      return {
        scene,
        /** Two responses in a row: there is nothing to check it by. */
        query: () => {
          const request = arrive();
          const [call, other] = [1, 2].map(() =>
            scene.call(database, command('redis', 'GET')).clientWrites(),
          );
          call!.clientReads();
          other!.clientReads();
          request.serverWrites();
          return { request, parent: () => parentOf(call!) };
        },
        proxied: (times: number) => {
          for (let i = 0; i < times; i++) {
            const request = arrive();
            ask().clientReads();
            request.serverWrites();
          }
          arrive().serverWrites();
        },
      };
    }

    it('once the process has earned it, and what came before as well, as long as that is held', () => {
      const { scene, query, proxied } = withDatabase();
      const gone = query();
      scene.advance(11);
      const held = query();
      proxied(20);
      const later = query();
      proxied(1);
      scene.settle();
      expect(gone.parent()).toBe('');
      expect(held.parent()).toBe(held.request.serverSpanId);
      expect(later.parent()).toBe(later.request.serverSpanId);
    });

    it('not before', () => {
      const { scene, query, proxied } = withDatabase();
      const early = query();
      proxied(4);
      scene.settle();
      expect(early.parent()).toBe('');
    });
  });

  it('does not believe that a call asks for what its request asked for, where another open one asked for it too', () => {
    const { scene, proxy, arrive, ask, parentOf } = stage();
    const other = scene.call(scene.connection(scene.stranger('client'), proxy)).serverReads(proxy.thread());
    const request = arrive();
    const call = ask();
    call.clientReads(200);
    // Not the upstream's status: the reading backward says nothing.
    request.serverWrites(503);
    other.serverWrites(503);
    scene.settle();
    expect(parentOf(call)).toBe('');
  });

  it('takes a call for a retry where a read found that the one before gets no answer', () => {
    const { scene, proxy, arrive, ask, parentOf } = stage();
    const [first, second] = [arrive('GET /a'), arrive('GET /b')];
    const [failed, other] = [ask('GET /a'), ask('GET /b')];
    const exchange = failed.clientExchange!;
    exchange.end = scene.tick();
    scene.did(proxy, { type: 'end', exchange, thread: proxy.main, at: exchange.end });
    const retry = ask('GET /a');
    for (const call of [retry, other]) call.clientReads();
    for (const request of [first, second]) request.serverWrites();
    scene.settle();
    expect([failed, retry].map(parentOf)).toEqual([first.serverSpanId, first.serverSpanId]);
  });

  it('takes calls that ask for the same in the order of the reads, once that is known to hold, beside a retry', () => {
    const { scene, proxy, arrive, ask, parentOf } = stage();
    const pair = (...lines: string[]) => {
      const requests = lines.map((line) => arrive(line));
      return { requests, calls: lines.map((line) => ask(line)) };
    };
    for (let i = 0; i < 20; i++) {
      const { requests, calls } = pair(`GET /a${i}`, `GET /b${i}`);
      for (const call of calls) call.clientReads();
      for (const request of requests) request.serverWrites();
    }
    const retried = arrive('GET /retried');
    const exchange = ask('GET /retried').clientExchange!;
    exchange.end = scene.tick();
    scene.did(proxy, { type: 'end', exchange, thread: proxy.main, at: exchange.end });
    const { requests, calls } = pair('GET /same', 'GET /same');
    const retry = ask('GET /retried');
    for (const call of [...calls, retry]) call.clientReads();
    for (const request of [...requests, retried]) request.serverWrites();
    scene.settle();
    expect([...calls, retry].map(parentOf)).toEqual(
      [...requests, retried].map((request) => request.serverSpanId),
    );
  });

  it('gives calls after several reads to the last of them once it is known that each is handled at once', () => {
    const { scene, arrive, ask, parentOf } = stage();
    // A copy of each request goes elsewhere, and nothing is done about the answer to that.
    const mirrored = (path: string) => {
      const request = arrive(`GET ${path}`);
      return { request, call: ask(`GET ${path}`), copy: ask('GET /mirror') };
    };
    let last = mirrored('/0');
    const copies: (readonly [string, string])[] = [];
    for (let i = 1; i <= 40; i++) {
      last.copy.clientReads();
      const next = mirrored(`/${i}`);
      copies.push([next.copy.clientSpanId, next.request.serverSpanId]);
      last.call.clientReads();
      last.request.serverWrites();
      last = next;
    }
    for (const call of [last.copy, last.call]) call.clientReads();
    last.request.serverWrites();
    scene.settle();
    for (const [copy, request] of copies) expect(scene.span(copy)?.parentSpanId).toBe(request);
    expect(parentOf(last.copy)).toBe(last.request.serverSpanId);
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
