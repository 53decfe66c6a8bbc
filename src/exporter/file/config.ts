import { z } from 'zod';
import { duration } from '../../collector/config/duration.ts';

const rotation = z.strictObject({
  /** A file that would grow beyond this is put aside. */
  max_megabytes: z.number().positive().default(100),
  /** Files put aside that are kept; 0: all. */
  max_backups: z.int().nonnegative().default(100),
});

/** `file`, keys and defaults of the Collector. */
export const fileConfig = z
  .strictObject({
    path: z.string({ error: 'path must be non-empty' }).min(1, 'path must be non-empty'),
    /** Go on at the end of the file that is there, instead of emptying it. */
    append: z.boolean().default(false),
    format: z.enum(['json', 'proto']).default('json'),
    /** Buffered data is written this often, in nanoseconds. */
    flush_interval: duration('1s'),
    /** Make the directories of `path` that are missing. */
    create_directory: z.boolean().default(false),
    rotation: rotation.nullish().transform((value) => value ?? undefined),
  })
  .superRefine(({ append, rotation: rotates, flush_interval }, context) => {
    if (append && rotates)
      context.addIssue({
        code: 'custom',
        message: 'append and rotation enabled at the same time is not supported',
      });
    if (flush_interval < 0)
      context.addIssue({
        code: 'custom',
        path: ['flush_interval'],
        message: 'flush_interval must be larger than zero',
      });
  });

export type FileConfig = z.infer<typeof fileConfig>;
