import { describe, expect, it } from 'vitest';
import { type Score, score } from './event-loop.ts';
import { Random, runs } from './random.ts';
import { Scene } from './scene.ts';
import { type PoolOptions, WorkerPool } from './worker-pool.ts';

const EVIDENCE = new Set(['thread', 'response_writer', 'completion_wake', 'slice'] as const);

const WAIT: PoolOptions = {
  requests: 400,
  concurrency: 10,
  workers: 4,
  style: 'wait',
  calls: () => 1,
  background: 0,
  strays: 0,
  begins: 0,
  awake: 0,
};

const HAND_OVER: PoolOptions = { ...WAIT, style: 'hand_over' };

function play(options: (random: Random) => PoolOptions): Score {
  const sum: Score = { right: 0, wrong: 0, none: 0 };
  for (let seed = 1; seed <= runs(2); seed++) {
    const random = new Random(seed);
    const scene = new Scene({ evidence: EVIDENCE });
    const pool = new WorkerPool(scene, random, options(random));
    pool.run();
    scene.advance(11);
    const { right, wrong, none } = score(scene, pool.causes);
    sum.right += right;
    sum.wrong += wrong;
    sum.none += none;
  }
  return sum;
}

/** Never more than one wrong link in a thousand calls. */
function expectHonest({ right, wrong, none }: Score): void {
  expect(wrong / (right + wrong + none)).toBeLessThanOrEqual(0.001);
}

function share({ right, none }: Score): number {
  return right / (right + none);
}

describe.each([1, 10, 50])('a pool whose requests wait for the result, %i at a time', (concurrency) => {
  it('is linked completely where wakes are those of results', () => {
    const sum = play(() => ({ ...WAIT, concurrency }));
    expect(sum.wrong).toBe(0);
    expect(share(sum)).toBeGreaterThan(0.99);
  });

  it.each([
    ['stray wakes', { strays: 0.3 }],
    ['results that nobody slept for', { awake: 0.3 }],
    ['both', { strays: 0.1, awake: 0.1 }],
    ['a few of both', { strays: 0.01, awake: 0.01, requests: 2000 }],
    ['jobs that call and end in nothing', { background: 1 }],
    ['wakes when a job begins, and results that nobody slept for', { begins: 0.5, awake: 0.1 }],
    ['wakes when a job begins, and stray ones', { begins: 0.5, strays: 0.1 }],
    ['wakes when a job begins, and jobs that end in nothing', { begins: 0.9, background: 1 }],
    ['such jobs and stray wakes', { background: 1, strays: 0.1 }],
  ])('is not linked wrongly with %s', (_, more) => {
    expectHonest(play(() => ({ ...WAIT, concurrency, ...more })));
  });

  it('is not linked wrongly where jobs make no call or several', () => {
    expectHonest(play((random) => ({ ...WAIT, concurrency, calls: () => random.below(3) })));
  });

  it.each([0.3, 0.9, 1])('is linked completely where %f of the jobs begin with a wake as well', (begins) => {
    const sum = play(() => ({ ...WAIT, concurrency, begins }));
    expect(sum.wrong).toBe(0);
    expect(share(sum)).toBeGreaterThan(0.99);
  });

  it('is linked completely where each job makes three calls', () => {
    const sum = play(() => ({ ...WAIT, concurrency, calls: () => 3 }));
    expect(sum.wrong).toBe(0);
    expect(share(sum)).toBeGreaterThan(0.99);
  });
});

describe.each([1, 10, 50])('a pool whose workers answer, %i at a time', (concurrency) => {
  it.each([1, 3])('is linked completely, %i calls a request', (calls) => {
    const sum = play(() => ({ ...HAND_OVER, concurrency, calls: () => calls }));
    expect(sum.wrong).toBe(0);
    expect(share(sum)).toBeGreaterThan(0.99);
  });

  it('is not linked wrongly with jobs that call and answer nobody', () => {
    expectHonest(play(() => ({ ...HAND_OVER, concurrency, background: 1 })));
  });

  it('is not linked wrongly where requests make no call or several', () => {
    expectHonest(play((random) => ({ ...HAND_OVER, concurrency, calls: () => random.below(3) })));
  });
});
