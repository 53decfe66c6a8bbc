import type { LedgerRecord } from '../../examples/shop/ledger.ts';
import type { Span } from './otlp-json.ts';

/** Which span stands for which record. */
export interface Identified {
  readonly spanOf: ReadonlyMap<LedgerRecord, Span>;
  readonly recordOf: ReadonlyMap<Span, LedgerRecord>;
  /** Spans that no record explains. */
  readonly unexplained: readonly Span[];
  readonly problems: readonly string[];
}

function endpointOfRecord(record: LedgerRecord): string {
  return `${record.kind} ${record.localPort}-${record.remotePort}`;
}

function endpointOfSpan(span: Span): string {
  const { 'network.local.port': local, 'network.peer.port': peer } = span.attributes;
  return `${span.kind.toLowerCase()} ${local}-${peer}`;
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function startsNearest(spans: readonly Span[], record: LedgerRecord): Span | undefined {
  const distance = (span: Span) => {
    const difference = span.startUnixNano - BigInt(record.startUnixNano);
    return difference < 0n ? -difference : difference;
  };
  return [...spans].sort((a, b) => (distance(a) < distance(b) ? -1 : 1))[0];
}

/**
 * Finds the span of each record without looking at any link. An SDK's span has the id that the program noted. A
 * zero-code span is known by its end of its connection and its order on it: the n-th span there is the n-th record.
 * Where their numbers differ, which is a problem by itself, the nearest start is taken so that a message can tell more.
 *
 * `records` are those of the observed orders only; `others` are orders of which spans may or may not be there.
 */
export function identify(
  spans: readonly Span[],
  records: readonly LedgerRecord[],
  others: readonly LedgerRecord[] = [],
): Identified {
  const spanOf = new Map<LedgerRecord, Span>();
  const recordOf = new Map<Span, LedgerRecord>();
  const problems: string[] = [];
  const match = (record: LedgerRecord, span: Span) => {
    spanOf.set(record, span);
    recordOf.set(span, record);
  };

  const bySpanId = new Map<string, LedgerRecord>();
  for (const record of [...records, ...others]) if (record.spanId) bySpanId.set(record.spanId, record);
  const zeroCode = new Map<string, Span[]>();
  for (const span of spans) {
    const record = bySpanId.get(span.spanId);
    if (record) match(record, span);
    else push(zeroCode, endpointOfSpan(span), span);
  }

  const expected = new Map<string, LedgerRecord[]>();
  for (const record of records) if (!record.spanId) push(expected, endpointOfRecord(record), record);
  for (const [endpoint, list] of expected) {
    const found = zeroCode.get(endpoint) ?? [];
    zeroCode.delete(endpoint);
    list.sort((a, b) => a.sequence - b.sequence);
    if (new Set(list.map((record) => record.sequence)).size < list.length)
      problems.push(`${list[0]!.service} recorded two exchanges as the same one on ${endpoint}`);
    found.sort((a, b) => (a.startUnixNano < b.startUnixNano ? -1 : 1));
    if (found.length === list.length) {
      list.forEach((record, i) => {
        match(record, found[i]!);
      });
      continue;
    }
    problems.push(
      `${list[0]!.service} recorded ${list.length} exchanges on ${endpoint}, spans show ${found.length}`,
    );
    for (const record of list) {
      const nearest = startsNearest(
        found.filter((span) => !recordOf.has(span)),
        record,
      );
      if (nearest) match(record, nearest);
    }
  }
  return { spanOf, recordOf, unexplained: spans.filter((span) => !recordOf.has(span)), problems };
}
