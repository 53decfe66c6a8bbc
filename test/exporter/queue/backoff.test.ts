import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Backoff } from '../../../src/exporter/queue/backoff.ts';

const options = { initialMs: 5000, maxMs: 30_000, multiplier: 1.5, randomizationFactor: 0 };

describe('Backoff', () => {
  it('grows by the multiplier up to the maximum', () => {
    const backoff = new Backoff(options);
    const delays = Array.from({ length: 7 }, () => backoff.next());
    expect(delays).toEqual([5000, 7500, 11_250, 16_875, 25_312.5, 30_000, 30_000]);
  });

  it('begins anew after reset', () => {
    const backoff = new Backoff(options);
    backoff.next();
    backoff.next();
    backoff.reset();
    expect(backoff.next()).toBe(5000);
  });

  it('strays from the interval by at most the randomisation factor', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (factor, random) => {
          const backoff = new Backoff({ ...options, randomizationFactor: factor }, () => random);
          const delay = backoff.next();
          expect(delay).toBeGreaterThanOrEqual(5000 * (1 - factor) - 1e-6);
          expect(delay).toBeLessThanOrEqual(5000 * (1 + factor) + 1e-6);
        },
      ),
    );
  });
});
