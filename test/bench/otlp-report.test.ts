import { describe, expect, it } from 'vitest';
import type { Case } from '../../bench/otlp/cases.ts';
import type { Measurement } from '../../bench/otlp/measure.ts';
import {
  advantage,
  missing,
  type Result,
  resultTable,
  spansPerCpuSecond,
  verdicts,
} from '../../bench/otlp/report.ts';

const MIB = 2 ** 20;

function measurement(spans: number, cpuSeconds: number, more: Partial<Measurement> = {}): Measurement {
  return {
    seconds: 2,
    acknowledged: spans,
    delivered: spans,
    p50Micros: 1000,
    p99Micros: 2000,
    sent: spans,
    arrived: spans,
    sameSpans: true,
    malformed: 0,
    refusedRequests: 0,
    refusal: '',
    cpuSeconds,
    residentMedian: 100 * MIB,
    residentPeak: 120 * MIB,
    ...more,
  };
}

const saturated: Case = {
  work: 'pass',
  transport: 'grpc',
  spans: 100,
  rate: 0,
  warmUpRate: 0,
  warmUp: 1,
  measure: 2,
  rounds: 2,
};
const held: Case = { ...saturated, work: 'hold', rate: 10_000 };

describe('the comparison with the upstream Collector', () => {
  it('counts spans for each second of CPU time, half at the way in and half at the way out', () => {
    expect(spansPerCpuSecond(measurement(0, 0.5, { acknowledged: 300, delivered: 100 }))).toBe(400);
  });

  it('takes the ratio of each round', () => {
    const result: Result = {
      case: saturated,
      spanloom: [measurement(600, 1), measurement(100, 1), measurement(400, 1)],
      upstream: [measurement(300, 1), measurement(100, 1), measurement(100, 1)],
    };
    expect(advantage(result)).toBe(2);
  });

  it('says what is missing, refused or altered', () => {
    const lossy = measurement(100, 1, { arrived: 90, refusedRequests: 3 });
    const altered = measurement(100, 1, { sameSpans: false });
    expect(missing([lossy, altered])).toBe(10);
    const table = resultTable([{ case: saturated, spanloom: [lossy], upstream: [altered] }]);
    expect(table).toContain('| 10, 3 requests refused |');
    expect(table).toContain('| 0, other ids |');
  });

  it('judges pass-through where it is saturated, and what is held by CPU and memory', () => {
    const faster = { spanloom: [measurement(160, 1)], upstream: [measurement(100, 1)] };
    expect(verdicts([{ case: saturated, ...faster }])).toMatch(/^- met: .*1\.60 ×/);
    expect(verdicts([{ case: { ...saturated, rate: 10_000 }, ...faster }])).toBe('');
    expect(verdicts([{ case: { ...saturated, spans: 10 }, ...faster }])).toBe('');
    const lines = verdicts([{ case: held, ...faster }]).split('\n');
    expect(lines[0]).toMatch(/^- \*\*not met\*\*: .*1\.60 ×.*at least 2/);
    expect(lines[1]).toMatch(/^- \*\*not met\*\*: .*1\.00 of .*at most 0\.5/);
  });
});
