import { describe, expect, it } from 'vitest';
import { misses, percent, withBound } from '../../bench/links/bars.ts';
import type { Measured } from '../../bench/links/measure.ts';

function measured(right: number, wrong: number, calls: number, more: Partial<Measured> = {}): Measured {
  const spanloom = {
    calls,
    right,
    wrong,
    missing: calls - right - wrong,
    ambiguous: 0,
    notSeen: 0,
    background: 0,
    leftAlone: 0,
  };
  return {
    spanloom,
    firstEgress: spanloom,
    timeOnly: spanloom,
    unrecorded: 0,
    sampledOut: 0,
    shownSampledOut: 0,
    evidence: {},
    labels: 1,
    changedByBlanking: 0,
    lost: 0,
    ...more,
  };
}

const asked = { targets: 'differ' } as const;
const notAsked = { targets: 'differ', recallNotAsked: 'nobody knows' } as const;

describe('a row meets its bars', () => {
  it('with 99.9 % of its links right and 99 % of its calls linked', () => {
    expect(misses(measured(4995, 5, 5000), asked)).toEqual([]);
    expect(misses(measured(4994, 6, 5000), asked)).toEqual([
      'precision is 99.88 % (asked: 99.90 %), 6 wrong',
    ]);
    expect(misses(measured(4950, 0, 5000), asked)).toEqual([]);
    expect(misses(measured(4949, 0, 5000), asked)).toEqual(['recall is 98.98 % (asked: 99.00 %)']);
  });

  it('without any link where recall is not asked, and never with wrong ones', () => {
    expect(misses(measured(0, 0, 5000), notAsked)).toEqual([]);
    expect(misses(measured(100, 1, 5000), notAsked)).toEqual([
      'precision is 99.00 % (asked: 99.90 %), 1 wrong',
    ]);
  });

  it('not where something is shown of what was sampled out', () => {
    expect(misses(measured(10, 0, 10, { sampledOut: 4, shownSampledOut: 1 }), asked)).toEqual([
      '1 calls are shown though their traces are sampled out',
    ]);
  });

  it('not where nothing was called, no label was found, or links change when labels are blanked', () => {
    expect(misses(measured(0, 0, 0), asked)).toEqual(['the programs recorded no call']);
    expect(misses(measured(10, 0, 10, { labels: 0 }), asked)).toEqual(['the capture shows no label']);
    expect(misses(measured(10, 0, 10, { changedByBlanking: 2 }), asked)).toEqual([
      '2 links change when labels are blanked',
    ]);
  });
});

describe('a share', () => {
  it('is never rounded up, and has the lower bound of its interval beside it', () => {
    expect(percent({ hits: 99_899, total: 100_000 })).toBe('99.89 %');
    expect(withBound({ hits: 5000, total: 5000 })).toBe('100.00 % (99.92 %)');
    expect(withBound({ hits: 0, total: 0 })).toBe('–');
  });
});
