import { encodeSpanAttributes } from '../../src/otlp/attributes.js';
import { encodeResource, encodeScope } from '../../src/otlp/encode-envelope.js';
import { SpanEncoder } from '../../src/otlp/span-encoder.js';
import { TracesBuilder } from '../../src/otlp/traces-builder.js';
const KINDS = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 };
const SCOPE = encodeScope('sdk', '1.0.0');
/** A span of an SDK. */
export class SdkSpan {
    actor;
    kind;
    traceId;
    spanId;
    parentSpanId;
    start;
    attributes;
    end = undefined;
    constructor(actor, kind, traceId, spanId, parentSpanId, start, attributes) {
        this.actor = actor;
        this.kind = kind;
        this.traceId = traceId;
        this.spanId = spanId;
        this.parentSpanId = parentSpanId;
        this.start = start;
        this.attributes = attributes;
    }
}
/** The W3C header that names a span. */
export function traceparent({ traceId, spanId }, sampled = true) {
    return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}
/** The export request of one SDK. */
export function encodeExport(epochUnixNano, spans, resourceAttributes) {
    const builder = new TracesBuilder();
    const encoder = new SpanEncoder(epochUnixNano);
    for (const span of spans) {
        const { facts } = span.actor.process;
        const resource = encodeResource(resourceAttributes ?? [
            ['service.name', span.actor.service],
            ['process.pid', facts.namespacePids.at(-1)],
            ['telemetry.sdk.name', 'opentelemetry'],
        ]);
        encoder.begin(span.traceId, span.spanId, span.parentSpanId, KINDS[span.kind], span.start, span.end ?? span.start);
        encoder.name(span.kind);
        encoder.attributes(encodeSpanAttributes(span.attributes));
        builder.add(resource, Buffer.from(resource).toString('latin1'), SCOPE, 'sdk', encoder.finish());
    }
    return builder.encode();
}
