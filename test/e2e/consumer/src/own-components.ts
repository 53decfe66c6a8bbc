import { type ExporterFactory, type ProcessorFactory, type ReadableSpan, toReadableSpans, z } from 'spanloom';

/** What came out of the pipeline. */
export const received: ReadableSpan[] = [];

export const keepExporter = {
  type: 'keep',
  stability: 'development',
  config: z.strictObject({}),
  createTraces: () => ({
    async start() {},
    async shutdown() {},
    async consumeTraces(batch) {
      received.push(...toReadableSpans(batch));
    },
  }),
} satisfies ExporterFactory<Record<string, never>>;

const config = z.strictObject({ prefix: z.string() });

export const countProcessor = {
  type: 'count',
  stability: 'development',
  config,
  createTraces: ({ counters }, { prefix }, next) => {
    const batches = counters.counter(`${prefix}_batches`);
    return {
      async start() {},
      async shutdown() {},
      async consumeTraces(batch) {
        batches.value++;
        await next.consumeTraces(batch);
      },
    };
  },
} satisfies ProcessorFactory<z.infer<typeof config>>;
