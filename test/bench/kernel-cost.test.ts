import { describe, expect, it } from 'vitest';
import { costOfMessage, difference, type Phase, programCosts } from '../../bench/overhead/kernel-cost.ts';

const EMPTY = { runTimeNanos: 6000, runCount: 100 };

/** Runs for others take 100 ns, for a captured receive 400 and a captured send 300, and counting 60 of each. */
const idle: Phase = {
  programs: {
    sock_recv_length: { runTimeNanos: 200 * 100, runCount: 200 },
    sock_send_length: { runTimeNanos: 200 * 100, runCount: 200 },
  },
  empty: EMPTY,
  messages: { receive: 0, send: 0 },
};
const capturing: Phase = {
  programs: {
    sock_recv_length: { runTimeNanos: 50 * 400 + 50 * 100, runCount: 100 },
    sock_send_length: { runTimeNanos: 150 * 300 + 150 * 100, runCount: 300 },
  },
  empty: EMPTY,
  messages: { receive: 50, send: 150 },
};

describe('the cost of BPF programs', () => {
  const costs = programCosts(idle, capturing);

  it('is told apart for captured messages and for others, net of counting', () => {
    expect(costs).toEqual([
      { program: 'sock_recv_length', direction: 'receive', rejected: 40, captured: 340 },
      { program: 'sock_send_length', direction: 'send', rejected: 40, captured: 240 },
    ]);
  });

  it('of a message is the mean over the messages there were', () => {
    expect(costOfMessage(costs, capturing.messages)).toBe((50 * 340 + 150 * 240) / 200);
  });

  it('adds up the programs of one direction', () => {
    const more = (phase: Phase, runs: number, nanos: number): Phase => ({
      ...phase,
      programs: { ...phase.programs, sk_data_ready: { runTimeNanos: nanos, runCount: runs } },
    });
    const both = programCosts(more(idle, 10, 600), more(capturing, 50, 50 * 80));
    expect(both.find(({ program }) => program === 'sk_data_ready')).toMatchObject({
      rejected: 0,
      captured: 20,
    });
    expect(costOfMessage(both, capturing.messages)).toBe((50 * 360 + 150 * 240) / 200);
  });
});

describe('readings of statistics', () => {
  it('are subtracted', () => {
    const after = { runTimeNanos: 900, runCount: 9 };
    expect(difference(after, { runTimeNanos: 500, runCount: 4 })).toEqual({ runTimeNanos: 400, runCount: 5 });
  });
});
