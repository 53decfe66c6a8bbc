import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock, SECOND } from '../../src/collector/clock.ts';
import { Counters } from '../../src/collector/counters.ts';
import type { Correlator } from '../../src/correlate/correlator.ts';
import { OtlpBatch } from '../../src/otlp/batch.ts';
import { traceIdPositions } from '../../src/otlp/trace-id-positions.ts';
import { HeldBatches } from '../../src/processor/correlate/held-batches.ts';
import { encodeRequest } from '../otlp/support/oracle.ts';

const OLD = '01'.repeat(16);
const NEW = '02'.repeat(16);

function log(traceId?: string): OtlpBatch {
  const record = { body: { stringValue: 'x' }, ...(traceId && { traceId: Buffer.from(traceId, 'hex') }) };
  const request = { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] };
  return new OtlpBatch(encodeRequest('logs', request), 1);
}

describe('log records that name a trace', () => {
  let clock: ManualClock;
  let fate: ReturnType<Correlator['traceFate']>;
  let left: OtlpBatch[];
  let held: HeldBatches;
  const pushedOut = new Counters().counter('x');

  function hold(options: { maxBytes?: number; correlator?: boolean } = {}) {
    const correlator = { traceFate: () => fate } as unknown as Correlator;
    held = new HeldBatches({
      signal: 'logs',
      clock,
      correlator: () => (options.correlator === false ? undefined : correlator),
      unknownWait: 10 * SECOND,
      maxBytes: options.maxBytes ?? 1e6,
      pushedOut,
      forward: (batch) => left.push(batch as OtlpBatch),
    });
  }

  const ids = () =>
    left.map((batch) => traceIdPositions('logs', batch.encode()).map(({ traceId }) => traceId));

  beforeEach(() => {
    clock = new ManualClock(0n);
    fate = 'open';
    left = [];
    hold();
  });

  it('wait while the trace is open and then name the trace it became', () => {
    held.add(log(OLD));
    clock.advanceTo(30 * SECOND);
    expect(left).toEqual([]);
    fate = { finalTraceId: NEW };
    clock.advanceTo(31 * SECOND);
    expect(ids()).toEqual([[NEW]]);
  });

  it('leave byte for byte where the trace keeps its id', () => {
    const batch = log(OLD);
    held.add(batch);
    fate = { finalTraceId: OLD };
    clock.advanceTo(SECOND);
    expect(left).toEqual([batch]);
    expect(left[0]).toBe(batch);
  });

  it('wait only so long for a trace that nothing is known of', () => {
    fate = 'unknown';
    held.add(log(OLD));
    clock.advanceTo(9 * SECOND);
    expect(left).toEqual([]);
    clock.advanceTo(11 * SECOND);
    expect(ids()).toEqual([[OLD]]);
  });

  it('pass at once without a trace id, and without a traces pipeline', () => {
    held.add(log());
    hold({ correlator: false });
    held.add(log(OLD));
    expect(left).toHaveLength(2);
  });

  it('leave early, oldest first, where too many bytes are held', () => {
    hold({ maxBytes: log(OLD).body.length });
    held.add(log(OLD));
    held.add(log(NEW));
    expect(ids()).toEqual([[OLD]]);
    expect(pushedOut.value).toBe(1);
  });

  it('all leave at shutdown', () => {
    held.add(log(OLD));
    held.releaseAll();
    expect(ids()).toEqual([[OLD]]);
  });
});
