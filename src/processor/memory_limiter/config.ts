import { z } from 'zod';
import { duration } from '../../collector/config/duration.ts';

const mib = z.int().min(0).default(0);
const percentage = z.int().min(0).default(0);

/** Keys and defaults of the Collector's `memory_limiter`. */
export const memoryLimiterConfig = z
  .strictObject({
    check_interval: duration('0s'),
    limit_mib: mib,
    /** 0 stands for a fifth of the limit. */
    spike_limit_mib: mib,
    limit_percentage: percentage,
    spike_limit_percentage: percentage,
    min_gc_interval_when_soft_limited: duration('10s'),
    min_gc_interval_when_hard_limited: duration('0s'),
  })
  .superRefine((config, context) => {
    const issue = (message: string) => context.addIssue({ code: 'custom', message });
    const { limit_mib, spike_limit_mib, limit_percentage, spike_limit_percentage } = config;
    if (config.check_interval <= 0) issue("'check_interval' must be greater than zero");
    if (config.min_gc_interval_when_soft_limited < config.min_gc_interval_when_hard_limited)
      issue(
        "'min_gc_interval_when_soft_limited' should be larger than or equal to 'min_gc_interval_when_hard_limited'",
      );
    if (limit_mib === 0 && limit_percentage === 0)
      issue("'limit_mib' or 'limit_percentage' must be greater than zero");
    if (limit_percentage > 100 || spike_limit_percentage > 100)
      issue(
        "'limit_percentage' and 'spike_limit_percentage' must be greater than zero and less than or equal to hundred",
      );
    if (limit_mib > 0 && spike_limit_mib >= limit_mib)
      issue("'spike_limit_mib' must be smaller than 'limit_mib'");
    if (limit_percentage > 0 && spike_limit_percentage >= limit_percentage)
      issue("'spike_limit_percentage' must be smaller than 'limit_percentage'");
  });

export type MemoryLimiterConfig = z.output<typeof memoryLimiterConfig>;
