import { encodeRequest } from '../../otlp/support/oracle.ts';

const span = (name: string) => ({
  traceId: Buffer.alloc(16, 1),
  spanId: Buffer.alloc(8, 2),
  name,
  attributes: [{ key: 'text', value: { stringValue: 'x'.repeat(200) } }],
});

/** An `ExportTraceServiceRequest` with this many spans. */
export function traceRequest(spans = 1): Uint8Array {
  return encodeRequest('traces', {
    resourceSpans: [{ scopeSpans: [{ spans: Array.from({ length: spans }, (_, i) => span(`span ${i}`)) }] }],
  });
}

/** An `ExportMetricsServiceRequest` with two data points. */
export function metricRequest(): Uint8Array {
  return encodeRequest('metrics', {
    resourceMetrics: [
      {
        scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints: [{ asInt: '1' }, { asInt: '2' }] } }] }],
      },
    ],
  });
}

/** An `ExportLogsServiceRequest` with one record. */
export function logRequest(): Uint8Array {
  return encodeRequest('logs', {
    resourceLogs: [{ scopeLogs: [{ logRecords: [{ severityText: 'INFO' }] }] }],
  });
}

/** Bytes that are no request of any signal: a field longer than the message. */
export const MALFORMED = Uint8Array.of(0x0a, 0x7f, 0x01);
