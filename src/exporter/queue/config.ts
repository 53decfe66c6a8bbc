import { z } from 'zod';
import { duration } from '../../collector/config/duration.ts';

const positive = (what: string) => z.int().positive(`\`${what}\` must be positive`);

const sendingQueueBody = z.strictObject({
  enabled: z.boolean().default(true),
  /** Requests that are sent at the same time. */
  num_consumers: positive('num_consumers').default(10),
  /** Room, in units of `sizer`. A request counts until its outcome is known. */
  queue_size: positive('queue_size').default(1000),
  sizer: z.enum(['requests', 'items', 'bytes']).default('requests'),
  /** Wait for room instead of refusing. */
  block_on_overflow: z.boolean().default(false),
  /** Accept a batch only once the backend has it. */
  wait_for_result: z.boolean().default(false),
});

/** `sending_queue`; an explicit null switches it off, as in the Collector. */
export const sendingQueue = z
  .preprocess((value) => (value === null ? { enabled: false } : value), sendingQueueBody)
  .prefault({});

type SendingQueueConfig = z.infer<typeof sendingQueueBody>;

const retryBody = z
  .strictObject({
    enabled: z.boolean().default(true),
    initial_interval: duration('5s'),
    randomization_factor: z
      .number()
      .min(0, "'randomization_factor' must be within [0, 1]")
      .max(1, "'randomization_factor' must be within [0, 1]")
      .default(0.5),
    multiplier: z.number().min(0, "'multiplier' must be non-negative").default(1.5),
    max_interval: duration('30s'),
    /** Zero: for ever. */
    max_elapsed_time: duration('300s'),
  })
  .superRefine((config, context) => {
    for (const key of ['initial_interval', 'max_interval', 'max_elapsed_time'] as const)
      if (config[key] < 0)
        context.addIssue({ code: 'custom', path: [key], message: `'${key}' must be non-negative` });
    if (config.max_elapsed_time === 0) return;
    for (const key of ['initial_interval', 'max_interval'] as const)
      if (config.max_elapsed_time < config[key])
        context.addIssue({
          code: 'custom',
          path: ['max_elapsed_time'],
          message: `'max_elapsed_time' must not be less than '${key}'`,
        });
  });

/** `retry_on_failure`; durations in nanoseconds. */
export const retryOnFailure = z.preprocess((value) => value ?? {}, retryBody).prefault({});

export type RetryConfig = z.infer<typeof retryBody>;

/** The keys every exporter with a queue takes, besides its `timeout`. */
export interface QueuedExporterConfig {
  readonly sending_queue: SendingQueueConfig;
  readonly retry_on_failure: RetryConfig;
}
