import { beforeEach, describe, expect, it } from 'vitest';
import { precision, recall } from '../../bench/links/bars.ts';
import { judge } from '../../bench/links/judge.ts';
import { Story } from './story.ts';

const NONE = {
  calls: 0,
  right: 0,
  wrong: 0,
  missing: 0,
  ambiguous: 0,
  notSeen: 0,
  background: 0,
  leftAlone: 0,
};

let story: Story;
beforeEach(() => {
  story = new Story();
});

describe('a link is judged by the labels that request and call carried', () => {
  it('right where they share the number, wrong where they do not', () => {
    const first = story.request('LBL-000001-0', 11);
    const second = story.request('LBL-000002-0', 12);
    story.call('LBL-000001-1', 11, first.exchange);
    story.call('LBL-000002-1', 12, first.exchange);
    second.answer();
    first.answer();
    expect(judge(story.replayed(), ['LBL-000001-1', 'LBL-000002-1']).spanloom).toEqual({
      ...NONE,
      calls: 2,
      right: 1,
      wrong: 1,
    });
  });

  it('wrong where it leads to a request without a label', () => {
    const { exchange } = story.request('no label', 11);
    story.call('LBL-000001-1', 11, exchange);
    expect(judge(story.replayed(), ['LBL-000001-1']).spanloom).toMatchObject({ right: 0, wrong: 1 });
  });

  it('and followed over SDK spans between call and request', () => {
    const { exchange } = story.request('LBL-000001-0', 11);
    const call = story.call('LBL-000001-1', 11, exchange);
    const [span] = story.replayed().spans;
    const between = { ...span!, spanId: 'b'.repeat(16) };
    const replayed = { ...story.replayed(), spans: [between, { ...span!, parentSpanId: between.spanId }] };
    expect(judge(replayed, ['LBL-000001-1']).spanloom).toMatchObject({ right: 1 });
    expect(call.side).toBe('client');
  });
});

describe('a recorded call without a link', () => {
  it('is missing, whether it is ambiguous, has no parent or was not seen', () => {
    story.call('LBL-000001-1', 11, 'ambiguous');
    story.call('LBL-000002-1', 11);
    expect(judge(story.replayed(), ['LBL-000001-1', 'LBL-000002-1', 'LBL-000003-1']).spanloom).toEqual({
      ...NONE,
      calls: 3,
      missing: 3,
      ambiguous: 1,
      notSeen: 1,
    });
  });

  it('counts once for each time it was recorded', () => {
    const { exchange } = story.request('LBL-000001-0', 11);
    story.call('LBL-000001-0', 11, exchange);
    expect(judge(story.replayed(), ['LBL-000001-0', 'LBL-000001-0']).spanloom).toMatchObject({
      calls: 2,
      right: 1,
      missing: 1,
      notSeen: 1,
    });
  });
});

describe('a call that belongs to no request', () => {
  it('is right without a link and wrong with any', () => {
    const { exchange } = story.request('LBL-000001-0', 11);
    story.call('LBL-b00001-1', 11);
    story.call('LBL-b00002-1', 11, exchange);
    story.call('LBL-000001-1', 11, exchange);
    const { spanloom } = judge(story.replayed(), ['LBL-b00001-1', 'LBL-b00002-1', 'LBL-000001-1']);
    expect(spanloom).toEqual({ ...NONE, calls: 3, right: 2, wrong: 1, background: 2, leftAlone: 1 });
    expect(precision(spanloom)).toEqual({ hits: 1, total: 2 });
    expect(recall(spanloom)).toEqual({ hits: 1, total: 1 });
  });
});

describe('a call for a request whose trace no SDK keeps', () => {
  it('is no call to link, and is not to be shown', () => {
    const kept = story.request('LBL-000001-0', 11);
    const { exchange } = story.request('LBL-000002-0', 12);
    story.call('LBL-000001-1', 11, kept.exchange);
    story.call('LBL-000002-1', 12, exchange);
    const calls = ['LBL-000001-1', 'LBL-000002-1', 'LBL-000003-1'];
    const verdicts = judge(story.replayed(), calls, ['LBL-000002-1', 'LBL-000003-1']);
    expect(verdicts).toMatchObject({ sampledOut: 2, shownSampledOut: 1, unrecorded: 0 });
    expect(verdicts.spanloom).toEqual({ ...NONE, calls: 1, right: 1 });
  });
});

describe('a call that no program recorded', () => {
  it('is counted apart, and hides no wrong link', () => {
    const right = story.request('LBL-000001-0', 11);
    const other = story.request('LBL-000002-0', 12);
    story.call('LBL-000001-0', 11, right.exchange);
    story.call('LBL-000001-0', 11, other.exchange);
    expect(judge(story.replayed(), ['LBL-000001-0'])).toMatchObject({
      unrecorded: 1,
      spanloom: { calls: 1, right: 0, wrong: 1 },
    });
  });

  it('is no matter where it was sent before the capture, or by a background job', () => {
    story.call('LBL-w00001-1', 11);
    story.call('LBL-b00001-1', 11);
    expect(judge(story.replayed(), []).unrecorded).toBe(0);
  });
});

describe('the baselines', () => {
  it('first-egress links one call of eight on a fan-out, time only all of them while one request is open', () => {
    const { answer } = story.request('LBL-000001-0', 11);
    const calls = Array.from({ length: 8 }, (_, i) => `LBL-000001-${i + 1}`);
    for (const label of calls) story.call(label, 11);
    answer();
    story.call('LBL-b00001-1', 11);
    expect(judge(story.replayed(), [...calls, 'LBL-b00001-1'])).toMatchObject({
      firstEgress: { calls: 9, right: 2, wrong: 0, missing: 7 },
      timeOnly: { calls: 9, right: 9, wrong: 0 },
    });
  });

  it('time only takes the latest started request', () => {
    story.request('LBL-000001-0', 11);
    const { answer } = story.request('LBL-000002-0', 12);
    story.call('LBL-000001-1', 11);
    answer();
    story.call('LBL-000001-2', 11);
    expect(judge(story.replayed(), ['LBL-000001-1', 'LBL-000001-2'])).toMatchObject({
      firstEgress: { right: 1, missing: 1 },
      timeOnly: { right: 1, wrong: 1 },
    });
  });
});
