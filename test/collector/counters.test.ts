import { describe, expect, it } from 'vitest';
import { Counters } from '../../src/collector/counters.ts';

describe('Counters', () => {
  it('gives the same number for the same name and attributes, in whatever order', () => {
    const counters = new Counters();
    counters.counter('a', { x: '1', y: '2' }).value += 2;
    counters.counter('a', { y: '2', x: '1' }).value += 3;
    counters.gauge('b').value = 7;
    expect([...counters.entries()]).toEqual([
      { name: 'a', kind: 'counter', attributes: { x: '1', y: '2' }, value: 5 },
      { name: 'b', kind: 'gauge', attributes: {}, value: 7 },
    ]);
  });

  it('keeps one kind for a name', () => {
    const counters = new Counters();
    counters.counter('a');
    expect(() => counters.gauge('a', { x: '1' })).toThrow('a is a counter, not a gauge');
  });
});
