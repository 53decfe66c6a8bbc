import { describe, expect, it } from 'vitest';
import { retryOnFailure, sendingQueue } from '../../../src/exporter/queue/config.ts';

describe('sending_queue', () => {
  it("has the Collector's defaults", () => {
    expect(sendingQueue.parse(undefined)).toEqual({
      enabled: true,
      num_consumers: 10,
      queue_size: 1000,
      sizer: 'requests',
      block_on_overflow: false,
      wait_for_result: false,
    });
  });

  it('is switched off by null', () => {
    expect(sendingQueue.parse(null).enabled).toBe(false);
  });

  it.each(['num_consumers', 'queue_size'])('wants a positive %s', (key) => {
    expect(() => sendingQueue.parse({ [key]: 0 })).toThrow(`\`${key}\` must be positive`);
  });
});

describe('retry_on_failure', () => {
  it("has the Collector's defaults, in nanoseconds", () => {
    expect(retryOnFailure.parse(undefined)).toEqual({
      enabled: true,
      initial_interval: 5e9,
      randomization_factor: 0.5,
      multiplier: 1.5,
      max_interval: 30e9,
      max_elapsed_time: 300e9,
    });
  });

  it('takes zero as for ever', () => {
    expect(retryOnFailure.parse({ max_elapsed_time: 0 }).max_elapsed_time).toBe(0);
  });

  it('says what contradicts', () => {
    expect(() => retryOnFailure.parse({ max_elapsed_time: '1s' })).toThrow(
      "'max_elapsed_time' must not be less than 'initial_interval'",
    );
    expect(() => retryOnFailure.parse({ randomization_factor: 2 })).toThrow('within [0, 1]');
  });
});
