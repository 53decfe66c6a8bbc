/**
 * Spans as indented lines, roots and siblings in the order they started: service, kind, `sdk` for an SDK's own, the
 * evidence of its place after `by`. A root whose parent is named but not there ends in `under` and that id.
 */
export function show(spans) {
    const children = new Map();
    const ids = new Set(spans.map(key));
    const roots = [];
    for (const span of [...spans].sort(byStart)) {
        const parent = span.traceId + span.parentSpanId;
        if (span.parentSpanId === '' || !ids.has(parent))
            roots.push(span);
        else
            children.set(parent, [...(children.get(parent) ?? []), span]);
    }
    const lines = [];
    const visit = (span, depth) => {
        lines.push('  '.repeat(depth) + label(span));
        for (const child of children.get(key(span)) ?? [])
            visit(child, depth + 1);
    };
    for (const root of roots) {
        visit(root, 0);
        if (root.parentSpanId !== '')
            lines[lines.length - 1] += ` under ${root.parentSpanId}`;
    }
    return lines;
}
export function isZeroCode(span) {
    return span.scope === 'spanloom';
}
function label(span) {
    const words = [span.resource['service.name'], span.kind.toLowerCase()];
    if (!isZeroCode(span))
        words.push('sdk');
    const evidence = span.attributes['spanloom.link.evidence'];
    if (evidence !== undefined)
        words.push('by', evidence);
    if (span.attributes['spanloom.link.ambiguous'] === true)
        words.push('ambiguous');
    return words.join(' ');
}
function key(span) {
    return span.traceId + span.spanId;
}
function byStart(a, b) {
    return a.startUnixNano < b.startUnixNano ? -1 : a.startUnixNano > b.startUnixNano ? 1 : 0;
}
