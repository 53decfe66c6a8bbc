import { z } from 'zod';
import { MILLISECOND, SECOND } from '../collector/clock.ts';
import type { Component, ReceiverFactory, Settings, TracesConsumer } from '../collector/component.ts';
import { type Inlet, InProcessExporter } from './in-process-exporter.ts';
import type { SdkSpanExporter } from './span-exporter.ts';

export interface InProcessOptions {
  /** The receiver's type in configurations, `in_process` by default. */
  readonly type?: string;
  /** How long an export that the pipeline can not take is tried again, in milliseconds; 10 000 by default. */
  readonly timeoutMs?: number;
}

const config = z.strictObject({});

/**
 * A receiver, and the exporter that feeds it with the spans of an SDK in the same process: no socket between them.
 * The exporter reports failure until the collector has started, and again once it stops. One component of one
 * collector can take from it at a time.
 *
 * ```ts
 * import { createCollector, inProcessReceiver } from 'spanloom';
 *
 * const { receiver, exporter } = inProcessReceiver();
 * const collector = createCollector({
 *   receivers: [receiver],
 *   config: {
 *     receivers: { in_process: null },
 *     exporters: { debug: null },
 *     service: { pipelines: { traces: { receivers: ['in_process'], exporters: ['debug'] } } },
 *   },
 * });
 * await collector.start();
 * // new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] })
 * await exporter.shutdown();
 * await collector.shutdown();
 * ```
 *
 * Where the SDK instruments the HTTP client that exporters of the pipeline use, start the collector under
 * `context.with(suppressTracing(context.active()), () => collector.start())`, or its requests make spans as well.
 */
export function inProcessReceiver(options: InProcessOptions = {}): {
  readonly receiver: ReceiverFactory<Record<string, never>>;
  readonly exporter: SdkSpanExporter;
} {
  const { type = 'in_process', timeoutMs = (10 * SECOND) / MILLISECOND } = options;
  const exporter = new InProcessExporter(timeoutMs);
  const receiver: ReceiverFactory<Record<string, never>> = {
    type,
    stability: 'alpha',
    config,
    createTraces: (settings, _config, next) => new InProcessReceiver(settings, next, exporter),
  };
  return { receiver, exporter };
}

class InProcessReceiver implements Component {
  readonly #exporter: InProcessExporter;
  readonly #inlet: Inlet;

  constructor({ id, counters, taps }: Settings, next: TracesConsumer, exporter: InProcessExporter) {
    const labels = { receiver: id, transport: 'in_process' };
    this.#exporter = exporter;
    this.#inlet = {
      next,
      taps,
      accepted: counters.counter('otelcol_receiver_accepted_spans', labels),
      refused: counters.counter('otelcol_receiver_refused_spans', labels),
    };
  }

  async start(): Promise<void> {
    this.#exporter.open(this.#inlet);
  }

  shutdown(): Promise<void> {
    return this.#exporter.close(this.#inlet);
  }
}
