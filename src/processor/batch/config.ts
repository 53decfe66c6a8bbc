import { z } from 'zod';
import { duration } from '../../collector/config/duration.ts';

export const batchConfig = z
  .strictObject({
    /** Items that are sent on at once when they have come together. 0: only the time decides. */
    send_batch_size: z.int().min(0).default(8192),
    /** How long the first item waits. 0: nothing waits. */
    timeout: duration('200ms'),
    /** The most items of one batch; larger ones are taken apart. 0: no limit. */
    send_batch_max_size: z.int().min(0).default(0),
    metadata_keys: z
      .array(z.string())
      .max(0, 'batching by client metadata is not supported: leave metadata_keys out')
      .default([]),
    metadata_cardinality_limit: z.int().min(0).default(1000),
  })
  .superRefine(({ send_batch_size, send_batch_max_size, timeout }, context) => {
    const issue = (message: string) => context.addIssue({ code: 'custom', message });
    if (send_batch_max_size > 0 && send_batch_max_size < send_batch_size)
      issue('send_batch_max_size must be greater or equal to send_batch_size');
    if (timeout < 0) issue('timeout must be greater or equal to 0');
  });

export type BatchConfig = z.output<typeof batchConfig>;
