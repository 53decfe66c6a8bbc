import { describe, expect, it } from 'vitest';
import type { Thread } from '../../src/receiver/ebpf/exchange.ts';
import { type Call, Stream } from '../../src/receiver/ebpf/tracker/stream.ts';

const thread = { tid: 1 } as Thread;

/** Calls that moved ten bytes each. */
function calls(count: number): Stream {
  const recent = new Stream();
  for (let i = 0; i < count; i++) recent.add(callAt(i * 10));
  return recent;
}

function callAt(offset: number): Call {
  return { offset, thread, begin: offset, end: offset, arrival: offset, unaligned: false, before: undefined };
}

describe('the latest calls on a stream', () => {
  it('tell which of them moved a byte', () => {
    const recent = calls(4);
    expect([10, 19, 20, 39].map((offset) => recent.at(offset)!.offset)).toEqual([10, 10, 20, 30]);
  });

  it('are found as the nearest kept where a byte came before all of them', () => {
    expect(calls(20).at(0)!.offset).toBe(40);
    expect(new Stream().at(0)).toBeUndefined();
  });

  it('are let go of once one behind them was found', () => {
    const recent = calls(4);
    recent.at(25);
    expect(recent.at(5)!.offset).toBe(20);
    for (let i = 4; i < 18; i++) recent.add(callAt(i * 10));
    expect(recent.at(5)!.offset).toBe(20);
    for (let i = 18; i < 40; i++) recent.add(callAt(i * 10));
    expect(recent.at(5)!.offset).toBe(240);
  });
});
