import { describe, expect, it } from 'vitest';
import type { Verification, VerifyRow } from '../../bench/links/verify.ts';
import { agrees, disagreements, interval } from '../../bench/links/verify-agrees.ts';

describe('a share agrees with another', () => {
  it('within the 95 % Wilson interval of that', () => {
    // Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263 is 0.2553 to 0.3662.
    const other = { hits: 81, total: 263 };
    expect(agrees({ hits: 256, total: 1000 }, other)).toBe(true);
    expect(agrees({ hits: 255, total: 1000 }, other)).toBe(false);
    expect(agrees({ hits: 366, total: 1000 }, other)).toBe(true);
    expect(agrees({ hits: 367, total: 1000 }, other)).toBe(false);
    expect(interval(other)).toBe('25.52–36.62 %');
  });

  it('where both are none, or both all, of few or many', () => {
    expect(agrees({ hits: 0, total: 125 }, { hits: 0, total: 125 })).toBe(true);
    expect(agrees({ hits: 125, total: 125 }, { hits: 125, total: 125 })).toBe(true);
  });

  it('not where one has nothing to have a share of', () => {
    expect(agrees({ hits: 0, total: 0 }, { hits: 1, total: 1 })).toBe(false);
    expect(agrees({ hits: 1, total: 1 }, { hits: 0, total: 0 })).toBe(false);
    expect(agrees({ hits: 0, total: 0 }, { hits: 0, total: 0 })).toBe(true);
  });
});

describe('what verify says', () => {
  const row: VerifyRow = {
    service: 'plain',
    evidence: 'thread',
    verify: { right: 100, wrong: 0, missing: 0 },
    labels: { right: 100, wrong: 0, missing: 0 },
  };
  const of = (more: Partial<VerifyRow>): Verification => ({ rows: [{ ...row, ...more }], mistaken: 0 });

  it('is compared in precision and recall', () => {
    expect(disagreements(of({}))).toEqual([]);
    expect(disagreements(of({ verify: { right: 90, wrong: 10, missing: 0 } }))).toEqual([
      'verify says 90.00 % precision of thread in plain, the labels 96.30–100.00 %',
      'verify says 90.00 % recall of thread in plain, the labels 96.30–100.00 %',
    ]);
    expect(disagreements(of({ verify: { right: 90, wrong: 0, missing: 10 } }))).toEqual([
      'verify says 90.00 % recall of thread in plain, the labels 96.30–100.00 %',
    ]);
  });

  it('does not count where it judged by a cause that is not the true one', () => {
    expect(disagreements({ ...of({}), mistaken: 3 })).toEqual([
      'verify took another request for the true cause of 3 calls',
    ]);
  });
});
