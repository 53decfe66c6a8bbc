import { describe, expect, it } from 'vitest';
import { MILLISECOND } from '../../src/collector/clock.ts';
import { TimeShelf } from '../../src/correlate/join/time-shelf.ts';
import type { ExchangeNode } from '../../src/correlate/node.ts';
import { Random } from './random.ts';

describe('exchanges by their start', () => {
  it('are found around a moment, whatever was put there and taken away', () => {
    const random = new Random(13);
    for (let round = 0; round < 100; round++) {
      const shelf = new TimeShelf();
      const there = new Set<ExchangeNode>();
      for (let i = 0; i < 20; i++) {
        if (there.size > 0 && random.chance(0.5)) {
          const node = [...there][random.below(there.size)]!;
          there.delete(node);
          expect(shelf.remove(node)).toBe(true);
          expect(shelf.remove(node)).toBe(false);
        } else {
          const node = { start: random.below(200) * MILLISECOND } as ExchangeNode;
          there.add(node);
          shelf.add(node);
        }
        expect(shelf.empty).toBe(there.size === 0);
        expect(new Set(shelf.between(0, 200 * MILLISECOND))).toEqual(there);
        const around = new Set(shelf.between(80 * MILLISECOND, 120 * MILLISECOND));
        for (const node of there)
          if (node.start >= 80 * MILLISECOND && node.start <= 120 * MILLISECOND)
            expect(around).toContain(node);
        for (const node of around) expect(there).toContain(node);
      }
    }
  });
});
