/** An application with an SDK and a pipeline in one process; prints what its own exporter received. */
import { context, createTraceState, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { resourceFromAttributes } from '@opentelemetry/resources';
import * as spanloom from 'spanloom';
import { countProcessor, keepExporter, received } from './own-components.js';
import { type ReadableSpan, type SpanExporter, tracerProvider } from './sdk.js';

const url = process.argv[2]!;
const { receiver, exporter } = spanloom.inProcessReceiver();
const otlp = spanloom.sdkExporter(() => new OTLPTraceExporter({ url }), { type: 'otlp_sdk' });

const collector = spanloom.createCollector({
  receivers: [receiver],
  processors: [countProcessor],
  exporters: [keepExporter, otlp],
  config: {
    receivers: { in_process: null },
    processors: { count: { prefix: 'shop' }, correlate: { decision_wait: '100ms' } },
    exporters: { keep: null, otlp_sdk: { timeout: '5s', retry_on_failure: { initial_interval: '50ms' } } },
    service: {
      telemetry: { logs: { level: 'error' } },
      pipelines: {
        traces: {
          receivers: ['in_process'],
          processors: ['count', 'correlate'],
          exporters: ['keep', 'otlp_sdk'],
        },
      },
    },
  },
});
await collector.start();

const resource = resourceFromAttributes({ 'service.name': 'shop', 'host.id': Promise.resolve('h1') });
const provider = tracerProvider(exporter, resource);
const tracer = provider.getTracer('shop-tracer', '1.2.3', { schemaUrl: 'https://example.test/schema' });

const remote = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  traceFlags: 1,
  isRemote: true,
  traceState: createTraceState('rojo=1,congo=2'),
};
const server = tracer.startSpan(
  'GET /orders',
  {
    kind: SpanKind.SERVER,
    attributes: { 'http.request.method': 'GET', items: 3, ratio: 0.25, fresh: true, tags: ['a', 'b'] },
    links: [{ context: { ...remote, spanId: '00f067aa0ba902b8' }, attributes: { reason: 'retry' } }],
    startTime: [1_800_000_000, 123_456_789],
  },
  trace.setSpanContext(ROOT_CONTEXT, remote),
);
const query = tracer.startSpan(
  'SELECT orders',
  { kind: SpanKind.CLIENT, startTime: [1_800_000_000, 200_000_000] },
  trace.setSpan(context.active(), server),
);
query.addEvent('row', { number: 7 }, [1_800_000_000, 300_000_000]);
query.setStatus({ code: SpanStatusCode.ERROR, message: 'no such table' });
query.end([1_800_000_000, 400_000_000]);
server.end([1_800_000_001, 0]);

await provider.forceFlush();
await provider.shutdown();
const counted = (name: string) =>
  [...collector.counters.entries()].find((each) => each.name === name)?.value ?? 0;
for (let round = 0; round < 500 && counted('otelcol_exporter_sent_spans') < 2; round++)
  await new Promise((resolve) => setTimeout(resolve, 20));
await collector.shutdown();

// The types of both sides fit, also where nothing is called with them.
const asSdkExporter: SpanExporter = exporter;
const asSdkSpans: ReadableSpan[] = received;
const again = spanloom.fromReadableSpans(asSdkSpans);
const batches = counted('shop_batches');
const failed = counted('otelcol_exporter_send_failed_spans');
const spans = received.map(
  ({ name, kind, status, attributes, events, links, resource, instrumentationScope, ...span }) => ({
    ...{ name, kind, status, attributes, events },
    links: links.map(({ context, attributes }) => ({ spanId: context.spanId, attributes })),
    traceId: span.spanContext().traceId,
    spanId: span.spanContext().spanId,
    traceState: span.spanContext().traceState?.serialize(),
    parent: span.parentSpanContext?.spanId,
    remote: span.parentSpanContext?.isRemote,
    times: [span.startTime, span.endTime],
    resource: resource.attributes,
    scope: instrumentationScope,
  }),
);
console.log(
  JSON.stringify({ spans, again: again.itemCount, batches, failed, exporter: typeof asSdkExporter.export }),
);
