import type { Signal } from '../../collector/component.ts';
import type { Counter, Counters, Gauge } from '../../collector/counters.ts';

const ITEMS: Readonly<Record<Signal, string>> = {
  traces: 'spans',
  metrics: 'metric_points',
  logs: 'log_records',
};

/** What a unit of `signal` is called in the Collector's metric names: `spans`, `metric_points`, `log_records`. */
export function itemsOf(signal: Signal): string {
  return ITEMS[signal];
}

/** The Collector's own metrics of one exporter and one signal. */
export class ExporterCounters {
  /** Items the backend took. */
  readonly sent: Counter;
  /** Items that were accepted and then given up, or that the backend rejected. */
  readonly sendFailed: Counter;
  /** Items the queue had no room for. */
  readonly enqueueFailed: Counter;
  /** In units of the queue's sizer. */
  readonly queueSize: Gauge;
  readonly queueCapacity: Gauge;
  readonly inFlight: Gauge;

  constructor(counters: Counters, exporter: string, signal: Signal) {
    const items = ITEMS[signal];
    const perQueue = { exporter, data_type: signal };
    this.sent = counters.counter(`otelcol_exporter_sent_${items}`, { exporter });
    this.sendFailed = counters.counter(`otelcol_exporter_send_failed_${items}`, { exporter });
    this.enqueueFailed = counters.counter(`otelcol_exporter_enqueue_failed_${items}`, { exporter });
    this.queueSize = counters.gauge('otelcol_exporter_queue_size', perQueue);
    this.queueCapacity = counters.gauge('otelcol_exporter_queue_capacity', perQueue);
    this.inFlight = counters.gauge('otelcol_exporter_in_flight_requests', perQueue);
  }
}
