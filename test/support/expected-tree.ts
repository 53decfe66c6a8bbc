import type { LedgerRecord } from '../../examples/shop/ledger.ts';

/** What the programs' own records say of each order: who did what, caused by what. Knows nothing of spans. */
export type Causes = ReadonlyMap<LedgerRecord, LedgerRecord | undefined>;

function connectionKey(label: string, kind: string, clientPort: number, serverPort: number): string {
  return `${label} ${kind} ${clientPort}→${serverPort}`;
}

function cause(
  record: LedgerRecord,
  clients: Map<string, LedgerRecord[]>,
  servers: Map<string, LedgerRecord[]>,
) {
  const found =
    record.kind === 'server'
      ? clients.get(connectionKey(record.label, 'client', record.remotePort, record.localPort))
      : servers.get(`${record.label} ${record.service}`);
  if (found && found.length > 1)
    throw new Error(
      `the records do not say which of ${found.length} caused ${describe(record)} of ${record.label}`,
    );
  return found?.[0];
}

/** By a key, in order. */
export function groupBy(records: readonly LedgerRecord[], key: (record: LedgerRecord) => string) {
  const groups = new Map<string, LedgerRecord[]>();
  for (const record of records) groups.set(key(record), [...(groups.get(key(record)) ?? []), record]);
  return groups;
}

/**
 * The cause of each record: of an answered request, the call at the other end of its connection; of a call, the
 * request of the same label that its own program was answering. Missing for the first of an order.
 */
export function causesOf(records: readonly LedgerRecord[]): Causes {
  const clients = groupBy(
    records.filter((r) => r.kind === 'client'),
    (r) => connectionKey(r.label, 'client', r.localPort, r.remotePort),
  );
  const servers = groupBy(
    records.filter((r) => r.kind === 'server'),
    (r) => `${r.label} ${r.service}`,
  );
  return new Map(records.map((record) => [record, cause(record, clients, servers)]));
}

/** `service KIND system operation`, without anything that differs from order to order. */
export function describe(record: LedgerRecord): string {
  return `${record.service} ${record.kind.toUpperCase()} ${record.system} ${record.operation}`;
}

/** An indented tree of anything with a parent; what has the same parent is in order of its text. */
export function renderTree<T>(
  nodes: readonly T[],
  parent: (node: T) => T | undefined,
  text: (node: T) => string,
): string {
  const lines: string[] = [];
  const visit = (of: T | undefined, depth: number) => {
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
export function expectedTrees(records: readonly LedgerRecord[]): Map<string, string> {
  const causes = causesOf(records);
  const trees = new Map<string, string>();
  for (const [label, own] of groupBy(records, (record) => record.label))
    trees.set(
      label,
      renderTree(own, (record) => causes.get(record), describe),
    );
  return trees;
}
