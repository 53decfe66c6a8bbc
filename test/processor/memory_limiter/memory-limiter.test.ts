import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { RetryableError } from '../../../src/error.ts';
import { OtlpBatch } from '../../../src/otlp/batch.ts';
import { memoryLimiterConfig } from '../../../src/processor/memory_limiter/config.ts';
import { limitsOf } from '../../../src/processor/memory_limiter/limits.ts';
import { type Memory, processMemory } from '../../../src/processor/memory_limiter/memory.ts';
import { MemoryLimiter } from '../../../src/processor/memory_limiter/memory-limiter.ts';
import { MemoryWatch } from '../../../src/processor/memory_limiter/memory-watch.ts';
import { testSettings } from '../../support/component-contract.ts';

const MIB = 1024 * 1024;

function config(more: object = {}) {
  return memoryLimiterConfig.parse({ check_interval: '1s', limit_mib: 100, ...more });
}

/** Memory that has `used` MiB, of which `garbage` can be freed. */
class FakeMemory implements Memory {
  garbage = 0;
  collections = 0;

  constructor(public live: number) {}

  total = () => 1000 * MIB;
  used = () => (this.live + this.garbage) * MIB;
  collect = () => {
    this.collections++;
    this.garbage = 0;
  };
}

function watch(memory: Memory, more: object = {}): MemoryWatch {
  return new MemoryWatch(config(more), memory, pino({ level: 'silent' }));
}

describe('limits', () => {
  it.each([
    [{}, 80, 100],
    [{ spike_limit_mib: 30 }, 70, 100],
    [{ limit_mib: 0, limit_percentage: 50 }, 400, 500],
    [{ limit_mib: 0, limit_percentage: 50, spike_limit_percentage: 25 }, 250, 500],
    [{ limit_percentage: 50 }, 80, 100],
  ])('of %j are %d and %d MiB', (more, soft, hard) => {
    expect(limitsOf(config(more), 1000 * MIB)).toEqual({ soft: soft * MIB, hard: hard * MIB });
  });

  it.each([
    [{ check_interval: 0 }, "'check_interval' must be greater than zero"],
    [{ limit_mib: 0 }, "'limit_mib' or 'limit_percentage' must be greater than zero"],
    [{ spike_limit_mib: 100 }, "'spike_limit_mib' must be smaller than 'limit_mib'"],
    [{ limit_percentage: 101 }, 'less than or equal to hundred'],
    [{ limit_percentage: 5, spike_limit_percentage: 5 }, "'spike_limit_percentage' must be smaller"],
    [{ min_gc_interval_when_hard_limited: '1m' }, "'min_gc_interval_when_soft_limited' should be larger"],
  ])('refuse %j', (more, message) => {
    expect(() => config(more)).toThrow(message);
  });
});

describe('the watch', () => {
  it('refuses above the soft limit and resumes below it', () => {
    const memory = new FakeMemory(80);
    const watched = watch(memory);
    watched.check(0);
    expect(watched.refusing).toBe(false);
    memory.live = 81;
    watched.check(1000);
    expect(watched.refusing).toBe(true);
    memory.live = 80;
    watched.check(2000);
    expect(watched.refusing).toBe(false);
  });

  it('does not take garbage for data', () => {
    const memory = new FakeMemory(50);
    memory.garbage = 45;
    const watched = watch(memory);
    watched.check(0);
    expect(watched.refusing).toBe(false);
    expect(memory.collections).toBe(1);
  });

  it('collects every 10 s above the soft limit, at every check above the hard one', () => {
    const memory = new FakeMemory(90);
    const watched = watch(memory);
    for (const second of [0, 1, 9, 10, 11]) watched.check(second * 1000);
    expect(memory.collections).toBe(2);
    memory.live = 110;
    for (const second of [12, 13]) watched.check(second * 1000);
    expect(memory.collections).toBe(4);
  });

  it('looks once per check_interval while any pipeline uses it', () => {
    vi.useFakeTimers();
    try {
      const memory = new FakeMemory(200);
      const watched = watch(memory);
      watched.start();
      watched.start();
      watched.stop();
      vi.advanceTimersByTime(999);
      expect(watched.refusing).toBe(false);
      vi.advanceTimersByTime(1);
      expect(watched.refusing).toBe(true);
      watched.stop();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('can measure and collect the memory of this process', () => {
    let held: Uint8Array | undefined = new Uint8Array(64 * MIB);
    const before = processMemory.used();
    expect(before).toBeGreaterThan(held.length);
    expect(before).toBeLessThan(processMemory.total());
    held = undefined;
    processMemory.collect();
    expect(processMemory.used()).toBeLessThan(before - 32 * MIB);
  });
});

describe('the limiter', () => {
  it('passes batches on, or refuses them for a retry, and counts what it refused', async () => {
    const settings = testSettings('memory_limiter');
    const memory = new FakeMemory(10);
    const watched = watch(memory);
    const passed: number[] = [];
    const limiter = new MemoryLimiter(settings, 'logs', watched, async ({ itemCount }) => {
      passed.push(itemCount);
    });
    await limiter.consumeLogs(new OtlpBatch(new Uint8Array(), 1));
    memory.live = 90;
    watched.check(0);
    const refusal = limiter.consumeLogs(new OtlpBatch(new Uint8Array(), 7));
    await expect(refusal).rejects.toBeInstanceOf(RetryableError);
    await expect(refusal).rejects.toThrow('data refused due to high memory usage');
    expect(passed).toEqual([1]);
    expect([...settings.counters.entries()]).toEqual([
      {
        name: 'otelcol_processor_refused_log_records',
        kind: 'counter',
        attributes: { processor: 'memory_limiter' },
        value: 7,
      },
    ]);
  });
});
