import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ManualClock, SECOND } from '../../src/collector/clock.ts';
import { Counters } from '../../src/collector/counters.ts';
import { decodeAnswer, encodeParent } from '../../src/correlate/rendezvous/encoding.ts';
import { MeetingPlace, MemoryRendezvous } from '../../src/correlate/rendezvous/memory.ts';
import { RedisRendezvous } from '../../src/correlate/rendezvous/redis.ts';
import type { Answer, FarParent, Rendezvous } from '../../src/correlate/rendezvous/rendezvous.ts';
import { RendezvousCounters } from '../../src/correlate/rendezvous/rendezvous-counters.ts';

const PARENT: FarParent = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), sampled: true };

function answers(store: Rendezvous, names: readonly string[]): Promise<Record<string, Answer>> {
  return new Promise((resolve) => {
    const all: Record<string, Answer> = {};
    store.ask(names, (name, answer) => {
      all[name] = answer;
      if (Object.keys(all).length === names.length) resolve(all);
    });
  });
}

describe('what is written for a call', () => {
  it.each([PARENT, { ...PARENT, spanId: '' }, { ...PARENT, sampled: false }])('is read again: %o', (parent) =>
    expect(decodeAnswer(encodeParent(parent))).toEqual(parent),
  );

  it.each(['', 'ab', `${'AB'.repeat(16)}-${PARENT.spanId}-01`, `${encodeParent(PARENT)}\n`])(
    'is not taken for an answer where somebody else wrote %j',
    (value) => expect(decodeAnswer(value)).toBeUndefined(),
  );
});

describe('a rendezvous in memory', () => {
  function pipelines(maxEntries = 100) {
    const place = new MeetingPlace();
    const counters = new Counters();
    return [0, 200e6].map((shift) => {
      const clock = new ManualClock(1_800_000_000_000_000_000n);
      clock.advanceTo(shift);
      const store = new MemoryRendezvous({
        place,
        clock,
        promiseTtl: 300 * SECOND,
        ttl: 60 * SECOND,
        maxEntries,
        evicted: counters.counter('evicted'),
      });
      store.open();
      return { store, clock, counters, place };
    }) as [Pipeline, Pipeline];
  }
  type Pipeline = { store: MemoryRendezvous; clock: ManualClock; counters: Counters; place: MeetingPlace };

  it('tells others what was promised and what was decided', async () => {
    const [a, b] = pipelines();
    a.store.promise('one');
    a.store.promise('two');
    a.store.decide('two', PARENT);
    a.store.promise('two');
    expect(await answers(b.store, ['one', 'two', 'three'])).toEqual({
      one: 'promised',
      two: PARENT,
      three: 'unknown',
    });
  });

  it('lets go of decisions before promises, each when its time is over', async () => {
    const [a, b] = pipelines();
    a.store.promise('promised');
    a.store.decide('decided', PARENT);
    a.clock.advanceTo(61 * SECOND);
    a.store.decide('next', PARENT);
    expect(await answers(b.store, ['promised', 'decided'])).toEqual({
      promised: 'promised',
      decided: 'unknown',
    });
    a.clock.advanceTo(301 * SECOND);
    a.store.decide('last', PARENT);
    expect([...a.place.entries.keys()]).toEqual(['last']);
  });

  it('holds no more than it may, and counts what it lets go', async () => {
    const [a, b] = pipelines(10);
    for (let i = 0; i < 15; i++) a.store.decide(`call ${i}`, PARENT);
    expect(await answers(b.store, ['call 4', 'call 5'])).toEqual({ 'call 4': 'unknown', 'call 5': PARENT });
    expect(a.counters.counter('evicted').value).toBe(5);
  });

  it('is empty when all have gone', async () => {
    const [a, b] = pipelines();
    a.store.decide('one', PARENT);
    await a.store.close();
    expect(await answers(b.store, ['one'])).toEqual({ one: PARENT });
    await b.store.close();
    expect(a.place.entries.size).toBe(0);
  });
});

describe('a rendezvous in a Redis server', () => {
  let server: Server | undefined;
  let store: RedisRendezvous | undefined;
  const sockets = new Set<Socket>();
  afterEach(async () => {
    await store?.close();
    for (const socket of sockets) socket.destroy();
    server?.close();
  });

  /** A server that treats connections so. */
  async function listening(connection: (socket: Socket) => void): Promise<number> {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      connection(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  function open(port: number, maxWaiting = 100) {
    const counters = new RendezvousCounters(new Counters(), 'correlate');
    const lost = vi.fn();
    store = new RedisRendezvous({
      endpoint: `redis://127.0.0.1:${port}`,
      username: undefined,
      password: undefined,
      keyPrefix: 'spanloom:',
      timeout: 200e6,
      promiseTtl: 300 * SECOND,
      ttl: 60 * SECOND,
      maxWaiting,
      counters,
      lost,
      back: () => {},
    });
    store.open();
    return { store, counters, lost };
  }

  it('answers that it is unavailable where nothing listens, and says so once', async () => {
    const port = await listening(() => {});
    server!.close();
    const { store, counters, lost } = open(port);
    expect(await answers(store, ['one', 'two'])).toEqual({ one: 'unavailable', two: 'unavailable' });
    await answers(store, ['three']);
    await vi.waitFor(() => expect(lost).toHaveBeenCalledOnce());
    expect(counters.failures('ask').value).toBe(3);
  });

  it('answers that it is unavailable where the server says nothing', async () => {
    const port = await listening(() => {});
    const { store } = open(port);
    expect(await answers(store, ['one'])).toEqual({ one: 'unavailable' });
  });

  it('counts what can not be sent, as soon as too much waits and at the end', async () => {
    const port = await listening(() => {});
    server!.close();
    const { store, counters } = open(port, 10);
    for (let i = 0; i < 15; i++) store.decide(`call ${i}`, PARENT);
    expect(counters.failures('tell').value).toBe(5);
    await store.close();
    expect(counters.failures('tell').value).toBe(15);
  });
});
