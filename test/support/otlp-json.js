import { existsSync, readFileSync } from 'node:fs';
const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
function plainValue(value = {}) {
    if (value.intValue !== undefined)
        return Number(value.intValue);
    if (value.arrayValue)
        return (value.arrayValue.values ?? []).map(plainValue);
    if (value.kvlistValue)
        return attributesOf(value.kvlistValue.values);
    return value.stringValue ?? value.boolValue ?? value.doubleValue ?? value.bytesValue ?? '';
}
function attributesOf(list = []) {
    return Object.fromEntries(list.map(({ key, value }) => [key, plainValue(value)]));
}
/** The spans of one OTLP JSON `ExportTraceServiceRequest`. */
export function spansOfJson(json) {
    const spans = [];
    for (const { resource, scopeSpans = [] } of JSON.parse(json).resourceSpans ?? []) {
        const resourceAttributes = attributesOf(resource?.attributes);
        for (const { scope, spans: list = [] } of scopeSpans)
            for (const span of list)
                spans.push({
                    traceId: span.traceId,
                    spanId: span.spanId,
                    parentSpanId: span.parentSpanId ?? '',
                    name: span.name,
                    kind: KINDS[span.kind ?? 0],
                    startUnixNano: BigInt(span.startTimeUnixNano),
                    endUnixNano: BigInt(span.endTimeUnixNano),
                    statusCode: span.status?.code ?? 0,
                    attributes: attributesOf(span.attributes),
                    links: span.links ?? [],
                    resource: resourceAttributes,
                    scope: scope?.name ?? '',
                });
    }
    return spans;
}
/** The spans in a file of OTLP JSON lines, in order; none where there is no such file. A last line cut short is left out. */
export function readSpans(file) {
    if (!existsSync(file))
        return [];
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.slice(0, -1).flatMap((line) => (line === '' ? [] : spansOfJson(line)));
}
