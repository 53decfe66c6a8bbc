import { z } from 'zod';

/** `debug`, keys and defaults of the Collector, and the verbosity `tree`. */
export const debugConfig = z.strictObject({
  verbosity: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['basic', 'normal', 'detailed', 'tree']))
    .default('basic'),
  /** Batches shown each second before sampling begins. */
  sampling_initial: z.int().nonnegative().default(2),
  /** After those, every such batch is shown; 0: none. */
  sampling_thereafter: z.int().nonnegative().default(1),
  /** Accepted; what this exporter prints never goes through the logger, which would escape its line breaks. */
  use_internal_logger: z.boolean().default(true),
  /** `stdout`, `stderr` or paths of files to append to. */
  output_paths: z.array(z.string().min(1)).min(1).default(['stdout']),
});

export type DebugConfig = z.infer<typeof debugConfig>;
