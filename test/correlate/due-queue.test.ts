import { describe, expect, it } from 'vitest';
import { type Due, DueQueue } from '../../src/correlate/due-queue.ts';
import { Random } from './random.ts';

class Item implements Due {
  queued = -1;

  constructor(readonly name: string) {}
}

const [a, b, c] = ['a', 'b', 'c'].map((name) => new Item(name)) as [Item, Item, Item];

describe('a queue of what falls due', () => {
  it('gives out what is due at the end of its step, the longest due first', () => {
    const queue = new DueQueue<Item>(10);
    queue.set(a, 31);
    queue.set(b, 10);
    queue.set(c, 11);
    expect(queue.nextDue()).toBe(10);
    expect(queue.take(9)).toEqual([]);
    expect(queue.take(39)).toEqual([b, c]);
    expect(queue.nextDue()).toBe(40);
    expect(queue.take(40)).toEqual([a]);
    expect(queue.nextDue()).toBeUndefined();
  });

  it('moves what is set again, and lets go of what is never due or taken out', () => {
    const queue = new DueQueue<Item>(10);
    for (const item of [a, b, c]) queue.set(item, 20);
    queue.set(a, 50);
    queue.set(b, Number.POSITIVE_INFINITY);
    queue.delete(c);
    expect(queue.nextDue()).toBe(50);
    queue.set(c, 20);
    expect(queue.take(100)).toEqual([c, a]);
  });

  it('gives out each item once, whatever is set and taken out meanwhile', () => {
    const random = new Random(3);
    const queue = new DueQueue<Item>(7);
    const expected = new Map<Item, number>();
    const items = Array.from({ length: 40 }, (_, i) => new Item(String(i)));
    for (let now = 0; now < 3000; now++) {
      const item = items[random.below(items.length)]!;
      const due = now + random.below(200);
      if (random.chance(0.2)) {
        queue.delete(item);
        expected.delete(item);
      } else {
        queue.set(item, due);
        expected.set(item, Math.ceil(due / 7) * 7);
      }
      expect(queue.nextDue()).toBe(expected.size === 0 ? undefined : Math.min(...expected.values()));
      if (now % 5 > 0) continue;
      const taken = queue.take(now);
      expect(new Set(taken)).toEqual(
        new Set([...expected].filter(([, at]) => at <= now).map(([each]) => each)),
      );
      for (const each of taken) expected.delete(each);
    }
  });
});
