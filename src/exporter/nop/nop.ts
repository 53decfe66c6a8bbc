import type { Component, LogsConsumer, MetricsConsumer, TracesConsumer } from '../../collector/component.ts';

/** Accepts everything and does nothing with it. */
export class NopExporter implements Component, TracesConsumer, MetricsConsumer, LogsConsumer {
  async start(): Promise<void> {}

  async shutdown(): Promise<void> {}

  async consumeTraces(): Promise<void> {}

  async consumeMetrics(): Promise<void> {}

  async consumeLogs(): Promise<void> {}
}
