const ITEMS = { spans: 'spans', metric_points: 'metric points', log_records: 'log records' };

const OF_ITEMS = (items: string): Readonly<Record<string, string>> => ({
  receiver_accepted: `${items} that a receiver took and the pipelines accepted.`,
  receiver_refused: `${items} that a receiver took and the pipelines refused.`,
  processor_refused: `${items} that a processor refused, for the sender to send again.`,
  exporter_sent: `${items} that the backend took.`,
  exporter_send_failed: `${items} that were given up, or that the backend rejected.`,
  exporter_enqueue_failed: `${items} that the sending queue had no room for.`,
});

const PER_ITEM = Object.entries(ITEMS).flatMap(([suffix, items]) =>
  Object.entries(OF_ITEMS(items)).map(([prefix, text]): [string, string] => [
    `otelcol_${prefix}_${suffix}`,
    text.slice(0, 1).toUpperCase() + text.slice(1),
  ]),
);

const OTHERS: Readonly<Record<string, string>> = {
  otelcol_exporter_queue_size: 'What the sending queue holds, in units of its sizer.',
  otelcol_exporter_queue_capacity: 'What the sending queue can hold, in units of its sizer.',
  otelcol_exporter_in_flight_requests: 'Requests to the backend that are under way.',
  otelcol_processor_incoming_items: 'Items that a processor was offered.',
  otelcol_processor_outgoing_items: 'Items that a processor handed on.',
  otelcol_processor_batch_batch_size_trigger_send: 'Batches sent because they were full.',
  otelcol_processor_batch_timeout_trigger_send: 'Batches sent because their time was up.',
  otelcol_processor_batch_dropped_items: 'Items dropped because the next stage refused their batch for good.',
  spanloom_receiver_broken_connections: 'Connections that broke the protocol of their transport.',
  spanloom_receiver_refused_requests: 'Requests answered with an error, by reason.',
  spanloom_capture_records: 'Records that the kernel side handed over.',
  spanloom_capture_lost_records: 'Records lost because the ring buffer was full.',
  spanloom_ebpf_messages: 'Messages of watched processes that were captured.',
  spanloom_ebpf_lost_events: 'Captured events that were lost before they were read.',
  spanloom_ebpf_unknown_process_messages: 'Messages of processes of which nothing is known.',
  spanloom_ebpf_ignored_connections: 'Connections that are not read, by reason.',
  spanloom_ebpf_gaps: 'Gaps in captured streams.',
  spanloom_ebpf_incomplete_exchanges: 'Requests or responses of which a part is missing.',
  spanloom_ebpf_malformed_resource_attributes: 'Processes whose OTEL_RESOURCE_ATTRIBUTES can not be read.',
  spanloom_correlate_links: 'Links between spans, by evidence.',
  spanloom_correlate_ambiguous: 'Zero-code spans without a parent because evidence named several.',
  spanloom_correlate_duplicate_spans: 'SDK spans that were sent again.',
  spanloom_correlate_duplicate_exchanges: 'Exchanges that were reported again.',
  spanloom_correlate_unidentified_spans: 'SDK spans without a valid trace or span id, which pass untouched.',
  spanloom_correlate_late_spans: 'SDK spans that came after their trace had left.',
  spanloom_correlate_pushed_out_trees: 'Traces that left early because there was too much.',
  spanloom_correlate_pushed_out_batches: 'Logs or metrics that left early because there was too much.',
  spanloom_correlate_not_emitted: 'Exchanges of which nothing is shown, by reason.',
  spanloom_correlate_merged_exchanges: 'Exchanges for which the span of an SDK stands.',
  spanloom_correlate_verify_right:
    'Verified calls whose true cause the evidence named, by service and evidence.',
  spanloom_correlate_verify_wrong:
    'Verified calls for which the evidence named another cause than the true one.',
  spanloom_correlate_verify_missing: 'Verified calls of which the evidence named no cause.',
  spanloom_correlate_verify_precision: 'Share of the last verified links of the evidence that were right.',
  spanloom_correlate_verify_recall: 'Share of the last verified calls whose cause the evidence found.',
  spanloom_correlate_verify_off: '1 where the evidence links nothing because it was wrong too often, else 0.',
  spanloom_correlate_rendezvous_told: 'Calls whose place in a trace was put into the rendezvous.',
  spanloom_correlate_rendezvous_answers: 'Requests whose caller was asked for, by what came of it.',
  spanloom_correlate_rendezvous_failures:
    'Messages that the rendezvous did not take, and questions it did not answer.',
  spanloom_correlate_rendezvous_evicted:
    'Calls that the rendezvous in memory let go because there were too many.',
  spanloom_correlate_dropped_items: 'Items dropped because the next stage refused them for good.',
};

/** What the metrics say, by name: the text of their `# HELP` lines. */
export const DESCRIPTIONS: ReadonlyMap<string, string> = new Map([...PER_ITEM, ...Object.entries(OTHERS)]);
