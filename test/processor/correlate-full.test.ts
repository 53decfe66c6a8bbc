import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/collector/clock.ts';
import type { Settings } from '../../src/collector/component.ts';
import { Counters } from '../../src/collector/counters.ts';
import { RetryableError } from '../../src/error.ts';
import { OtlpBatch } from '../../src/otlp/batch.ts';
import { CorrelateTraces } from '../../src/processor/correlate/correlate.ts';
import { DEFAULTS, EPOCH } from '../correlate/scene.ts';
import { encodeRequest } from '../otlp/support/oracle.ts';

const SPAN_BYTES = 400;

describe('the correlate processor', () => {
  it('asks SDKs to send again later while the stage behind it takes nothing', async () => {
    const clock = new ManualClock(EPOCH);
    const settings = {
      id: 'correlate',
      clock,
      counters: new Counters(),
      logger: pino({ enabled: false }),
    } as unknown as Settings;
    let full = true;
    const taken: number[] = [];
    const next = {
      consumeTraces: async (batch: { itemCount: number }) => {
        if (full) throw new RetryableError('TEST_FULL', 'full', 1);
        taken.push(batch.itemCount);
      },
    };
    const options = { ...DEFAULTS, maxBytes: 2 * SPAN_BYTES };
    const correlate = new CorrelateTraces(settings, options, { correlator: undefined }, next);
    let accepted = 0;
    const send = async () => {
      // Without valid ids a span passes at once.
      const request = { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'x'.repeat(SPAN_BYTES) }] }] }] };
      await correlate.consumeTraces(new OtlpBatch(encodeRequest('traces', request), 1));
      accepted++;
    };
    await expect(
      (async () => {
        for (let i = 0; i < 20; i++) await send();
      })(),
    ).rejects.toMatchObject({ code: 'SPANLOOM_CORRELATE_FULL' });
    expect(accepted).toBeLessThan(5);
    full = false;
    await correlate.shutdown();
    expect(taken.reduce((sum, count) => sum + count, 0)).toBe(accepted);
  });
});
