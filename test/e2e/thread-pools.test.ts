import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeWorkDir, removeWorkDir } from '../../examples/shop/run/work-dir.ts';
import { type Language, observePool, type PoolScore } from './pools/observe-pool.ts';

const REQUESTS = 400;

describe('calls that threads of a pool make', () => {
  let workDir: string;
  beforeEach(() => {
    workDir = makeWorkDir();
  });
  afterEach(() => removeWorkDir(workDir));

  const observe = (language: Language, mode: string, concurrency: number): Promise<PoolScore> =>
    observePool({ workDir, language, mode, workers: 4, requests: REQUESTS, concurrency });

  it.each([
    ['java', 'get', 'completion_wake', 10],
    ['java', 'get', 'completion_wake', 50],
    ['java', 'async', 'response_writer', 50],
    ['cpp', 'future', 'completion_wake', 50],
    ['cpp', 'condition', 'completion_wake', 10],
    ['cpp', 'async', 'response_writer', 10],
    ['cpp', 'threads', 'thread', 10],
    ['python', 'result', 'completion_wake', 10],
  ] as const)('%s, %s: are linked by %s, %i at a time', async (language, mode, evidence, concurrency) => {
    const score = await observe(language, mode, concurrency);
    expect(score.wrong).toBe(0);
    expect(score.right / score.total).toBeGreaterThan(0.97);
    expect(Object.keys(score.byEvidence)).toEqual([evidence]);
  });

  it.each([
    ['java', 'combine'],
    ['java', 'lock'],
    ['java', 'idle-jobs'],
    ['java', 'audit'],
    ['java', 'audit-async'],
    ['cpp', 'broadcast'],
    ['python', 'busy'],
    ['python', 'timed'],
  ] as const)('%s, %s: are not linked wrongly where it can not be told', async (language, mode) => {
    const { total, wrong } = await observe(language, mode, 50);
    expect(total).toBeGreaterThan(0);
    expect(wrong / total).toBeLessThanOrEqual(0.001);
  });
});
