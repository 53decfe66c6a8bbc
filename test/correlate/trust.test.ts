import { describe, expect, it } from 'vitest';
import { Trust } from '../../src/correlate/link/trust.ts';
import type { Process } from '../../src/receiver/ebpf/exchange.ts';
import { facts } from '../tracker/messages.ts';

const process = (): Process => ({ facts: facts(1) });

function check(trust: Trust, of: Process, times: number, right = true): void {
  for (let i = 0; i < times; i++) trust.checked(of, 'slice', right);
}

describe('evidence that guesses from order', () => {
  it('is earned by sixteen checks in a row, by each process and kind for itself', () => {
    const trust = new Trust();
    const [one, other] = [process(), process()];
    check(trust, one, 15);
    expect(trust.earned(one, 'slice')).toBe(false);
    check(trust, one, 1);
    expect(trust.earned(one, 'slice')).toBe(true);
    expect([trust.earned(other, 'slice'), trust.earned(one, 'slice_order')]).toEqual([false, false]);
  });

  it('has to be earned anew after one check that failed', () => {
    const trust = new Trust();
    const one = process();
    check(trust, one, 16);
    check(trust, one, 1, false);
    check(trust, one, 15);
    expect(trust.earned(one, 'slice')).toBe(false);
    check(trust, one, 10_000);
    expect(trust.earned(one, 'slice')).toBe(true);
  });
});
