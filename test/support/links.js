/** What a linker decided, one line a span in a fixed order: span, parent, trace. Two runs linked alike are equal here. */
export function linksOf(spans) {
    return spans
        .map((span) => `${span.spanId} under ${span.parentSpanId || 'nothing'} in ${span.traceId}`)
        .sort();
}
