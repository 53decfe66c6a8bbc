import { describe, expect, it } from 'vitest';
import { UnfollowedRequests } from '../../src/correlate/link/unfollowed-requests.ts';
import type { Activity, Process, Thread } from '../../src/receiver/ebpf/exchange.ts';
import type { Socket } from '../../src/receiver/ebpf/message.ts';

const process = {} as Process;
const [one, other]: Thread[] = [1, 2].map((tid) => ({ process, tid })) as [Thread, Thread];

const passed = (direction: 'receive' | 'send', cookie: number, thread: Thread): Activity => ({
  type: 'unfollowed',
  direction,
  side: 'server',
  socket: { cookie } as Socket,
  thread,
  at: 0,
});

describe('requests that are not followed', () => {
  it('are known by the thread that read last on their connection, until something is written there', () => {
    const requests = new UnfollowedRequests();
    const seen = (activity: Activity) => {
      requests.observe(activity, undefined);
      return [requests.on(one), requests.on(other), requests.in(process)];
    };
    expect(seen(passed('receive', 1, one))).toEqual([true, false, true]);
    expect(seen(passed('receive', 1, one))).toEqual([true, false, true]);
    expect(seen(passed('receive', 2, one))).toEqual([true, false, true]);
    expect(seen(passed('receive', 1, other))).toEqual([true, true, true]);
    expect(seen(passed('send', 2, one))).toEqual([false, true, true]);
    expect(seen(passed('send', 1, one))).toEqual([false, false, false]);
    expect(seen(passed('send', 1, one))).toEqual([false, false, false]);
  });

  it('are over with their process', () => {
    const requests = new UnfollowedRequests();
    for (const cookie of [1, 2]) requests.observe(passed('receive', cookie, one), undefined);
    requests.observe({ type: 'process_exit', process, at: 0 }, undefined);
    expect([requests.on(one), requests.in(process)]).toEqual([false, false]);
  });
});
