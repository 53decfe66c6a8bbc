import type { MetricKind } from '../counters.ts';

export interface ProcessMetric {
  readonly name: string;
  readonly kind: MetricKind;
  readonly help: string;
  /** As Prometheus writes units in names. */
  readonly unit: 'seconds' | 'bytes';
  readonly value: number;
}

/** The process as the Collector describes its own, read now. */
export function processMetrics(): ProcessMetric[] {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return [
    {
      name: 'otelcol_process_uptime',
      kind: 'counter',
      help: 'Uptime of the process, in seconds.',
      unit: 'seconds',
      value: process.uptime(),
    },
    {
      name: 'otelcol_process_cpu_seconds',
      kind: 'counter',
      help: 'Processor time of the process, user and system, in seconds.',
      unit: 'seconds',
      value: (user + system) / 1e6,
    },
    {
      name: 'otelcol_process_memory_rss',
      kind: 'gauge',
      help: 'Physical memory of the process (resident set size), in bytes.',
      unit: 'bytes',
      value: rss,
    },
    {
      name: 'otelcol_process_runtime_heap_alloc_bytes',
      kind: 'gauge',
      help: 'Bytes of JavaScript objects on the heap.',
      unit: 'bytes',
      value: heapUsed,
    },
  ];
}
