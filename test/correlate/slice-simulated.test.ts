import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventLoop, type LoopOptions, type Score, score } from './event-loop.ts';
import { Random, runs } from './random.ts';
import { Scene } from './scene.ts';

const EVIDENCE = new Set(['slice'] as const);

const PROXY: LoopOptions = {
  requests: 100,
  concurrency: 10,
  answeredLocally: 0,
  callsInTurn: 1,
  callsAtOnce: 1,
  newConnections: 0.5,
  distinct: false,
};

/** Loops of which it is counted how many calls are linked: the same ones each time, as that is in part chance. */
const COUNTED = Array.from({ length: 20 }, (_, i) => i + 1);

/** Whatever loop is played, nothing is linked wrongly; returns the sum of the scores of those that are counted. */
function play(options: LoopOptions, run: (loop: EventLoop) => void, oneDrain = false): Score {
  const playOne = (seed: number) => {
    const scene = new Scene({ evidence: EVIDENCE });
    const loop = new EventLoop(scene, new Random(seed), options);
    if (oneDrain) scene.inOneDrain(() => run(loop));
    else run(loop);
    scene.advance(11);
    const result = score(scene, loop.causes);
    expect(result.wrong).toBe(0);
    return result;
  };
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      playOne(seed);
    }),
    { numRuns: runs(10) },
  );
  const sum: Score = { right: 0, wrong: 0, none: 0 };
  for (const { right, none } of COUNTED.map(playOne)) {
    sum.right += right;
    sum.none += none;
  }
  return sum;
}

function share({ right, none }: Score): number {
  return right / (right + none);
}

const MIXED = { ...PROXY, answeredLocally: 0.5 };
const SUBREQUESTS = { ...PROXY, callsInTurn: 2, callsAtOnce: 2 };

describe.each([
  ['one activity at a time', false],
  ['all of it in one drain', true],
])('slice, fed %s', (_, oneDrain) => {
  it('is never wrong and nearly complete on a loop that handles each event at once', () => {
    for (const options of [PROXY, MIXED])
      expect(share(play(options, (loop) => loop.runToCompletion(), oneDrain))).toBeGreaterThan(0.98);
  });

  it('is never wrong and nearly complete on such a loop with calls in turn and at once', () => {
    expect(share(play(SUBREQUESTS, (loop) => loop.runToCompletion(), oneDrain))).toBeGreaterThan(0.9);
  });

  it('is never wrong on a loop that reads first and then runs its queue', () => {
    for (const options of [PROXY, MIXED])
      expect(share(play(options, (loop) => loop.readsFirst(), oneDrain))).toBeGreaterThan(0.02);
  });

  it('is nearly complete on such a loop where the content of requests tells them apart', () => {
    for (const options of [PROXY, MIXED])
      expect(
        share(play({ ...options, distinct: true }, (loop) => loop.readsFirst(), oneDrain)),
      ).toBeGreaterThan(0.95);
  });

  it('is never wrong where a part of the queue waits for the next turn', () => {
    for (const options of [PROXY, MIXED]) play(options, (loop) => loop.readsFirst(0.3), oneDrain);
  });

  it('is never wrong where such a loop makes calls in turn, as retries do, or several at once', () => {
    const inTurn = { ...PROXY, callsInTurn: 2 };
    const atOnce = { ...PROXY, callsAtOnce: 2 };
    for (const options of [inTurn, { ...inTurn, answeredLocally: 0.5, distinct: true }, atOnce])
      play(options, (loop) => loop.readsFirst(), oneDrain);
    for (const options of [inTurn, { ...SUBREQUESTS, distinct: true }])
      play(options, (loop) => loop.readsFirst(0.3), oneDrain);
  });

  it('is never wrong with one request at a time, and complete', () => {
    for (const options of [PROXY, MIXED, SUBREQUESTS])
      expect(share(play({ ...options, concurrency: 1 }, (loop) => loop.runToCompletion(), oneDrain))).toBe(1);
  });
});

describe('slice, on a loop that reads first', () => {
  it('comes to believe the order of requests that look alike once it could check it', () => {
    const loopOptions = { ...PROXY, concurrency: 3, requests: 600 };
    expect(share(play(loopOptions, (loop) => loop.readsFirst()))).toBeGreaterThan(0.7);
  });
});
