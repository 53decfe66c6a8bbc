import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantile, ratios, shuffled, spread, wilsonLower } from '../../bench/common/statistics.ts';

const measurements = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 });

describe('quantiles', () => {
  it('are interpolated between neighbours', () => {
    expect(spread([4, 1, 3, 2])).toEqual({ lower: 1.75, median: 2.5, upper: 3.25 });
    expect(spread([7])).toEqual({ lower: 7, median: 7, upper: 7 });
  });

  it('lie between the smallest and the largest value, in order', () => {
    fc.assert(
      fc.property(measurements, (values) => {
        const { lower, median, upper } = spread(values);
        expect([Math.min(...values), lower, median, upper, Math.max(...values)]).toEqual(
          [Math.min(...values), lower, median, upper, Math.max(...values)].sort((a, b) => a - b),
        );
      }),
    );
  });

  it('of nothing are an error', () => {
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });
});

describe('ratios', () => {
  it('compare what was measured in the same round', () => {
    expect(ratios([90, 40], [100, 50])).toEqual([0.9, 0.8]);
    expect(() => ratios([1], [1, 2])).toThrow('1 values have 2 baselines');
  });
});

describe('shuffled', () => {
  it('has the same items and leaves the original alone', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (items) => {
        const original = [...items];
        expect(shuffled(items).sort()).toEqual([...items].sort());
        expect(items).toEqual(original);
      }),
    );
  });

  it('can give every order', () => {
    const orders = new Set(Array.from({ length: 500 }, () => shuffled([1, 2, 3]).join('')));
    expect([...orders].sort()).toEqual(['123', '132', '213', '231', '312', '321']);
  });
});

describe('the lower Wilson bound', () => {
  it('is what tables of it say', () => {
    expect(wilsonLower(5000, 5000)).toBeCloseTo(0.99923, 5);
    expect(wilsonLower(50, 100)).toBeCloseTo(0.40383, 5);
    expect(wilsonLower(0, 10)).toBe(0);
  });

  it('is below the share, never below zero', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (total, q) => {
          const hits = Math.round(q * total);
          const lower = wilsonLower(hits, total);
          expect(lower).toBeGreaterThanOrEqual(0);
          expect(lower).toBeLessThanOrEqual(hits / total);
        },
      ),
    );
  });
});
