import { describe, expect, it } from 'vitest';
import type { PendingCall } from '../../src/correlate/link/slice-reading.ts';
import { MAX_CANDIDATES, ThreadSegments } from '../../src/correlate/link/slice-segment.ts';
import type { ExchangeNode } from '../../src/correlate/node.ts';
import type { Thread } from '../../src/receiver/ebpf/exchange.ts';

const thread = {} as Thread;

function node(side: 'client' | 'server', target: string): ExchangeNode {
  const request = { operation: 'GET', target };
  const exchange = { side, thread, protocol: { name: 'http' }, request };
  return { type: 'exchange', exchange, open: true } as unknown as ExchangeNode;
}

const request = (target: string) => node('server', target);

function callFor(target: string): PendingCall {
  return { client: node('client', target), reading: undefined };
}

function segments(): ThreadSegments {
  return new ThreadSegments(thread, () => undefined);
}

describe('what a thread has read and done nothing about', () => {
  const [a, b, c] = [request('/a'), request('/b'), request('/c')];

  it('is what it calls for next, which is said at once where it is one request', () => {
    const thread = segments();
    for (const read of [a, b]) thread.reads.add(read);
    thread.answered.add(b);
    thread.readOff('one');
    expect(thread.isBehind).toBe(true);
    const call = callFor('/');
    thread.call(call);
    expect(call.reading).toMatchObject({ basis: 'alone', candidates: [a] });
  });

  it('is no request whose answer has begun', () => {
    const thread = segments();
    thread.reads.add(a);
    for (const read of [b, c]) {
      thread.readOff('one');
      thread.reads.add(read);
    }
    thread.answered.add(a);
    thread.answered.add(b);
    thread.readOff('one');
    const call = callFor('/');
    thread.call(call);
    expect(call.reading).toMatchObject({ basis: 'alone', candidates: [c] });
  });

  it('is no request for which it has called', () => {
    const thread = segments();
    for (const read of [a, b, c]) thread.reads.add(read);
    const first = callFor('/a');
    thread.call(first);
    expect(thread.readOff('one')).toEqual([first]);
    expect(first.reading).toMatchObject({ basis: 'content', candidates: [a] });
    const second = callFor('/');
    thread.call(second);
    thread.answered.add(b);
    expect(thread.readOff('one')).toEqual([second]);
    expect(second.reading).toMatchObject({ basis: 'alone', candidates: [c] });
  });

  it('may be more than is known where it is not clear what its reads lead to', () => {
    const thread = segments();
    thread.reads.add(a);
    thread.readOff('unclear');
    const call = callFor('/');
    thread.call(call);
    expect(call.reading).toBeUndefined();
    expect(thread.readOff('unclear')).toEqual([call]);
    expect(call.reading).toMatchObject({ basis: undefined, complete: false, candidates: [a] });
  });

  it('is forgotten where each read is handled at once', () => {
    const thread = segments();
    for (const read of [a, b]) thread.reads.add(read);
    thread.call(callFor('/'));
    thread.readOff('at_once');
    thread.reads.add(c);
    const call = callFor('/');
    thread.call(call);
    expect(call.reading).toMatchObject({ basis: 'alone', candidates: [c] });
  });

  it('is given up where it is too much to be told apart', () => {
    const thread = segments();
    for (let i = 0; i <= MAX_CANDIDATES; i++) {
      thread.reads.add(request(`/${i}`));
      thread.readOff('one');
    }
    const call = callFor('/');
    thread.call(call);
    thread.readOff('one');
    expect(call.reading).toMatchObject({ basis: undefined, complete: false, candidates: [] });
    thread.reads.add(c);
    const next = callFor('/');
    thread.call(next);
    thread.readOff('one');
    expect(next.reading).toMatchObject({ basis: undefined, complete: false, candidates: [c] });
  });
});
