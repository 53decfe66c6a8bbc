import { describe, expect, it } from 'vitest';
import { ThreadNotes } from '../../src/correlate/link/thread-notes.ts';
import type { Process, Thread } from '../../src/receiver/ebpf/exchange.ts';

const process = {} as Process;
const [one, other]: Thread[] = [1, 2].map((tid) => ({ process, tid })) as [Thread, Thread];

describe('what rules note of threads', () => {
  it('is kept for each thread and each rule', () => {
    const notes = new ThreadNotes();
    const counts = notes.place<number>();
    const marks = notes.place<true>();
    counts.set(one, 1);
    counts.set(other, 2);
    marks.set(other, true);
    expect([counts.get(one), counts.get(other)]).toEqual([1, 2]);
    expect([marks.has(one), marks.has(other)]).toEqual([false, true]);
    counts.delete(other);
    expect([counts.has(one), counts.has(other), marks.has(other)]).toEqual([true, false, true]);
  });

  it('is of one merge only', () => {
    const [first, second] = [new ThreadNotes(), new ThreadNotes()].map((notes) => notes.place<number>());
    first!.set(one, 1);
    expect(second!.has(one)).toBe(false);
  });
});
