import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LastOutcomes } from '../../src/correlate/verify/last-outcomes.ts';
import { type Judgement, TrackRecord } from '../../src/correlate/verify/track-record.ts';
import { wilson } from '../../src/correlate/verify/wilson.ts';

function add(record: TrackRecord, judgement: Judgement, times: number): number[] {
  const switched: number[] = [];
  for (let i = 1; i <= times; i++) if (record.add(judgement)) switched.push(i);
  return switched;
}

describe('a track record', () => {
  it('goes off early where nearly everything is wrong, and not before there is something to go by', () => {
    const record = new TrackRecord(0.99, 1000);
    expect(add(record, 'wrong', 100)).toEqual([20]);
    expect(record.off).toBe(true);
  });

  it('does not go off for one wrong word among few', () => {
    const record = new TrackRecord(0.99, 1000);
    add(record, 'wrong', 1);
    expect(add(record, 'right', 999)).toEqual([]);
  });

  it('goes off over a full window that is just under the bar', () => {
    const record = new TrackRecord(0.99, 1000);
    const switched: number[] = [];
    for (let i = 1; i <= 2000; i++) if (record.add(i % 91 === 0 ? 'wrong' : 'right')) switched.push(i);
    expect(switched[0]).toBeLessThanOrEqual(1001);
  });

  it('stays where precision is just over the bar', () => {
    const record = new TrackRecord(0.99, 1000);
    const switched: number[] = [];
    for (let i = 1; i <= 5000; i++) if (record.add(i % 112 === 0 ? 'wrong' : 'right')) switched.push(i);
    expect(switched).toEqual([]);
  });

  it('comes back once it is surely right again', () => {
    const record = new TrackRecord(0.99, 1000);
    add(record, 'wrong', 20);
    const [at] = add(record, 'right', 1000);
    expect(at).toBeGreaterThan(300);
    expect(at).toBeLessThan(500);
    expect(record.off).toBe(false);
  });

  it('takes missing for no fault in what was said', () => {
    const record = new TrackRecord(0.99, 1000);
    expect(add(record, 'missing', 500)).toEqual([]);
    add(record, 'right', 500);
    expect([record.precision, record.recall]).toEqual([1, 0.5]);
  });
});

it('the last outcomes are those of the end', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean()), fc.integer({ min: 1, max: 10 }), (outcomes, size) => {
      const last = new LastOutcomes(size);
      for (const outcome of outcomes) last.add(outcome);
      const end = outcomes.slice(-size);
      expect([last.count, last.successes]).toEqual([end.length, end.filter(Boolean).length]);
    }),
  );
});

it('the interval of a share is the one of Wilson', () => {
  // Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, and 0 of 20.
  expect(wilson(81, 263)).toEqual({ lower: expect.closeTo(0.2553, 4), upper: expect.closeTo(0.3662, 4) });
  expect(wilson(0, 20)).toEqual({ lower: expect.closeTo(0, 4), upper: expect.closeTo(0.1611, 4) });
});
