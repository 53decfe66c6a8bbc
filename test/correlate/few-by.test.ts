import { describe, expect, it } from 'vitest';
import { FewBy } from '../../src/correlate/few-by.ts';
import { Random } from './random.ts';

describe('a map of few', () => {
  it('is what a map is, whatever is added and taken out', () => {
    const random = new Random(11);
    const keys = Array.from({ length: 4 }, (_, key) => ({ key }));
    const values = Array.from({ length: 3 }, (_, value) => ({ value }));
    for (let round = 0; round < 100; round++) {
      const few = new FewBy<object, object>();
      const expected = new Map<object, object>();
      for (let i = 0; i < 20; i++) {
        const key = keys[random.below(keys.length)]!;
        if (random.chance(0.5)) {
          const value = values[random.below(values.length)]!;
          few.set(key, value);
          expected.set(key, value);
        } else expect(few.delete(key)).toBe(expected.delete(key));
        for (const each of keys) expect(few.get(each)).toBe(expected.get(each));
      }
    }
  });
});
