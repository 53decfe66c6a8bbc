import { z } from 'zod';
import { selectionShape } from './process/selection.ts';

export const ebpfConfig = z
  .strictObject({
    ...selectionShape,
    /** What happens where the kernel side can not be loaded: end with an error, or go on with OTLP alone. */
    on_unavailable: z.enum(['fail', 'otlp_only']).default('fail'),
    /** Writes everything captured, with the OTLP requests received meanwhile, to this file. */
    record: z.string().min(1).optional(),
    /** Takes everything from such a file instead of the kernel: needs no privileges. */
    replay: z.string().min(1).optional(),
    /** Whether functions of observed programs may be probed, where that tells what belongs to which request: in Go. */
    uprobes: z.boolean().default(true),
    /** Size of the ring buffer between kernel and collector, a power of two. */
    ring_buffer_mib: z
      .int()
      .refine(
        (mib) => mib >= 1 && mib <= 1024 && (mib & (mib - 1)) === 0,
        'must be a power of two from 1 to 1024',
      )
      .default(8),
  })
  .refine((config) => config.record === undefined || config.replay === undefined, {
    path: ['replay'],
    message: 'must not be set together with record: a replay captures nothing new',
  });

export type EbpfConfig = z.infer<typeof ebpfConfig>;
