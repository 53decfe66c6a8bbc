import { z } from 'zod';
import { MILLISECOND } from '../collector/clock.ts';
import type { ExporterFactory } from '../collector/component.ts';
import { duration } from '../collector/config/duration.ts';
import { retryOnFailure, sendingQueue } from '../exporter/queue/config.ts';
import { QueuedExporter } from '../exporter/queue/queued-exporter.ts';
import { SdkTransport } from './sdk-transport.ts';
import type { AnySpanExporter } from './span-exporter.ts';

const config = z.strictObject({
  /** For the exporter to call back; nanoseconds. The batch is dropped then. */
  timeout: duration('30s'),
  sending_queue: sendingQueue,
  retry_on_failure: retryOnFailure,
});

export type SdkExporterConfig = z.infer<typeof config>;

export interface SdkExporterOptions {
  /** The exporter's type in configurations, `sdk` by default. */
  readonly type?: string;
}

/**
 * An exporter component that hands the spans of a pipeline to a `SpanExporter` of an SDK, 2.x or 3.x: merged traces go
 * wherever there is an exporter for.
 *
 * `create` is called when the component starts, and what it made is flushed and shut down with it. Queue and retries are
 * those of the `otlp` exporter, with the keys `sending_queue`, `retry_on_failure` and `timeout` (30 s); only what
 * is known to be passing is tried again, as `toReadableSpans` tells what a span can carry.
 *
 * ```ts
 * import { createCollector, sdkExporter } from 'spanloom';
 *
 * const print = sdkExporter(() => ({
 *   export(spans, done) {
 *     for (const span of spans) console.log(span.name, span.attributes);
 *     done({ code: 0 });
 *   },
 *   async shutdown() {},
 * }));
 * // sdkExporter(() => new OTLPTraceExporter({ url: 'http://127.0.0.1:4317' }))
 * const collector = createCollector({
 *   exporters: [print],
 *   config: {
 *     receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:0' } } } },
 *     exporters: { sdk: null },
 *     service: { pipelines: { traces: { receivers: ['otlp'], exporters: ['sdk'] } } },
 *   },
 * });
 * await collector.start();
 * await collector.shutdown();
 * ```
 */
export function sdkExporter(
  create: () => AnySpanExporter,
  { type = 'sdk' }: SdkExporterOptions = {},
): ExporterFactory<SdkExporterConfig> {
  return {
    type,
    stability: 'alpha',
    config,
    createTraces: (settings, section) =>
      new QueuedExporter(
        settings,
        'traces',
        section,
        new SdkTransport(create, section.timeout / MILLISECOND),
      ),
  };
}
