import { describe, expect, it } from 'vitest';
import { pythonCases } from '../../bench/links/cases/python/case.ts';
import { runCell } from '../../bench/links/run-cell.ts';

const CALLS = 160;

describe('the benchmark of links', () => {
  it('captures a live fan-out of eight: all right, and one of eight for first-egress', async () => {
    const linkCase = pythonCases.find(({ name }) => name === 'python-fan-out')!;
    const [variant] = linkCase.variants;
    const result = await runCell(
      { linkCase, variant, concurrency: 10 },
      { calls: CALLS, machine: '', fixture: false },
    );
    expect(result).toMatchObject({
      state: 'measured',
      misses: [],
      spanloom: { calls: CALLS, right: CALLS, wrong: 0 },
      firstEgress: { calls: CALLS, right: CALLS / 8, wrong: 0 },
      evidence: { thread: CALLS },
      unrecorded: 0,
      changedByBlanking: 0,
      // A request and its eight calls.
      labels: (CALLS / 8) * 9,
    });
  });
});
