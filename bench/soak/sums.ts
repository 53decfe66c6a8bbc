import type { Held } from './agent.ts';
import type { Sink } from './sink.ts';

/** Two numbers of which one is a sum and that have to be the same. */
export interface Sum {
  readonly what: string;
  readonly seen: number;
  /** What became of it, by name. */
  readonly parts: Readonly<Record<string, number>>;
}

/** What the load knows of itself. */
export interface Sent {
  /** Spans and log records that the receiver of the load acknowledged. */
  readonly spans: number;
  readonly logs: number;
  /** Requests that the forking server answered. */
  readonly forked: number;
}

/** The receiver to which nobody sends but the load. */
export const LOAD_RECEIVER = 'otlp/load';
export const FORKING_SERVICE = 'forking';

/**
 * What was seen, and what became of it. Exact when nothing is on its way: all load has ended and what was held has left.
 */
export function sums({ counters }: Held, sent: Sent, sink: Sink): Sum[] {
  const count = (name: string, attributes: Readonly<Record<string, string>> = {}) =>
    counters
      .filter((counter) => counter.name === name && matches(counter.attributes, attributes))
      .reduce((sum, { value }) => sum + value, 0);
  const correlate = (name: string, attributes = {}) => count(`spanloom_correlate_${name}`, attributes);
  return [
    {
      what: 'spans that the load sent, and what its receiver accepted',
      seen: sent.spans,
      parts: { accepted: count('otelcol_receiver_accepted_spans', { receiver: LOAD_RECEIVER }) },
    },
    {
      what: 'log records that the load sent, and what its receiver accepted',
      seen: sent.logs,
      parts: { accepted: count('otelcol_receiver_accepted_log_records', { receiver: LOAD_RECEIVER }) },
    },
    {
      what: 'spans and exchanges accepted, and what became of them',
      seen: count('otelcol_receiver_accepted_spans'),
      parts: {
        exported: count('otelcol_exporter_sent_spans'),
        'failed to be exported': count('otelcol_exporter_send_failed_spans'),
        'merged into an SDK’s span': correlate('merged_exchanges'),
        'not shown': correlate('not_emitted'),
        'sent twice': correlate('duplicate_spans'),
        'reported twice': correlate('duplicate_exchanges'),
        'refused by the exporter': correlate('dropped_items', { signal: 'traces' }),
      },
    },
    {
      what: 'log records accepted, and what became of them',
      seen: count('otelcol_receiver_accepted_log_records'),
      parts: {
        exported: count('otelcol_exporter_sent_log_records'),
        'failed to be exported': count('otelcol_exporter_send_failed_log_records'),
        'refused by the exporter': correlate('dropped_items', { signal: 'logs' }),
      },
    },
    {
      what: 'spans exported, and what the backend got',
      seen: count('otelcol_exporter_sent_spans'),
      parts: { received: sink.received.traces },
    },
    {
      what: 'log records exported, and what the backend got',
      seen: count('otelcol_exporter_sent_log_records'),
      parts: { received: sink.received.logs },
    },
    {
      what: 'requests to the forking server, and its spans at the backend',
      seen: sent.forked,
      parts: { received: sink.zeroCode.get(FORKING_SERVICE) ?? 0 },
    },
    {
      what: 'records lost in the kernel, lost events of the receiver',
      seen: count('spanloom_capture_lost_records'),
      parts: { counted: count('spanloom_ebpf_lost_events') },
    },
  ];
}

export function total({ parts }: Sum): number {
  return Object.values(parts).reduce((sum, part) => sum + part, 0);
}

function matches(
  attributes: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted).every(([name, value]) => attributes[name] === value);
}
