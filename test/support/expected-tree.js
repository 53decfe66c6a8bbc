function connectionKey(label, kind, clientPort, serverPort) {
    return `${label} ${kind} ${clientPort}→${serverPort}`;
}
function cause(record, clients, servers) {
    const found = record.kind === 'server'
        ? clients.get(connectionKey(record.label, 'client', record.remotePort, record.localPort))
        : servers.get(`${record.label} ${record.service}`);
    if (found && found.length > 1)
        throw new Error(`the records do not say which of ${found.length} caused ${describe(record)} of ${record.label}`);
    return found?.[0];
}
function groupBy(records, key) {
    const groups = new Map();
    for (const record of records)
        groups.set(key(record), [...(groups.get(key(record)) ?? []), record]);
    return groups;
}
/**
 * The cause of each record: of an answered request, the call at the other end of its connection; of a call, the
 * request of the same label that its own program was answering. Missing for the first of an order.
 */
export function causesOf(records) {
    const clients = groupBy(records.filter((r) => r.kind === 'client'), (r) => connectionKey(r.label, 'client', r.localPort, r.remotePort));
    const servers = groupBy(records.filter((r) => r.kind === 'server'), (r) => `${r.label} ${r.service}`);
    return new Map(records.map((record) => [record, cause(record, clients, servers)]));
}
/** `service KIND system operation`, without anything that differs from order to order. */
export function describe(record) {
    return `${record.service} ${record.kind.toUpperCase()} ${record.system} ${record.operation}`;
}
/** An indented tree of anything with a parent; what has the same parent is in order of its text. */
export function renderTree(nodes, parent, text) {
    const lines = [];
    const visit = (of, depth) => {
        const children = nodes.filter((node) => parent(node) === of);
        for (const child of children.sort((a, b) => (text(a) < text(b) ? -1 : 1))) {
            lines.push(`${'  '.repeat(depth)}${text(child)}`);
            visit(child, depth + 1);
        }
    };
    visit(undefined, 0);
    return lines.join('\n');
}
/** The expected tree of each label. */
export function expectedTrees(records) {
    const causes = causesOf(records);
    const trees = new Map();
    for (const [label, own] of groupBy(records, (record) => record.label))
        trees.set(label, renderTree(own, (record) => causes.get(record), describe));
    return trees;
}
