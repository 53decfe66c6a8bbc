import type { LedgerRecord } from '../../examples/shop/ledger.ts';
import { type Causes, causesOf } from './expected-tree.ts';

/** The settings of `correlate` that decide which spans there are and where they hang. */
export interface Merge {
  readonly overlap: 'enrich' | 'nest';
  readonly trace_conflict: 'rewrite' | 'link';
}

export const DEFAULT_MERGE: Merge = { overlap: 'enrich', trace_conflict: 'rewrite' };

/** What a merge of the recorded orders has to show. */
export interface ExpectedMerge {
  /** One for each span: an SDK's span and, where both are shown, the zero-code one of the same exchange. */
  readonly records: readonly LedgerRecord[];
  /** What each hangs under. */
  readonly causes: Causes;
  /** What each first span of a trace that is kept apart is linked to instead. */
  readonly linked: ReadonlyMap<LedgerRecord, LedgerRecord>;
}

const twins = new WeakMap<LedgerRecord, LedgerRecord>();

/** The zero-code record of the exchange that an SDK's span describes; the same one each time. */
function zeroCodeTwin(record: LedgerRecord): LedgerRecord {
  let twin = twins.get(record);
  if (!twin) {
    const { traceId, spanId, ...exchange } = record;
    twin = exchange;
    twins.set(record, twin);
  }
  return twin;
}

/** The records with a zero-code one for each exchange, as someone sees them who gets no SDK's spans. */
export function everyExchange(records: readonly LedgerRecord[]): LedgerRecord[] {
  return records.map((record) => (record.spanId === undefined ? record : zeroCodeTwin(record)));
}

/** @throws when the records do not say what caused what */
export function expectedMerge(records: readonly LedgerRecord[], merge: Merge): ExpectedMerge {
  const { all, causes } = merge.overlap === 'nest' ? nested(records) : enriched(records);
  const linked = merge.trace_conflict === 'link' ? cutAtConflicts(all, causes) : new Map();
  return { records: all, causes, linked };
}

type Hanging = Map<LedgerRecord, LedgerRecord | undefined>;

function enriched(records: readonly LedgerRecord[]): { all: readonly LedgerRecord[]; causes: Hanging } {
  return { all: records, causes: new Map(causesOf(records)) };
}

/** SDK client → zero-code client → zero-code server → SDK server. */
function nested(records: readonly LedgerRecord[]): { all: readonly LedgerRecord[]; causes: Hanging } {
  const all: LedgerRecord[] = [];
  const causes: Hanging = new Map();
  const onTheWire = (record: LedgerRecord) => (record.spanId === undefined ? record : zeroCodeTwin(record));
  for (const [record, cause] of causesOf(records)) {
    const above = cause && record.kind === 'server' ? onTheWire(cause) : cause;
    const wire = onTheWire(record);
    all.push(record);
    if (wire === record) causes.set(record, above);
    else {
      all.push(wire);
      causes.set(record, record.kind === 'server' ? wire : above);
      causes.set(wire, record.kind === 'server' ? above : record);
    }
  }
  return { all, causes };
}

/** Takes SDK spans out from under what is in another trace than theirs, and says what they hung under. */
function cutAtConflicts(records: readonly LedgerRecord[], causes: Hanging): Map<LedgerRecord, LedgerRecord> {
  const linked = new Map<LedgerRecord, LedgerRecord>();
  const traceOf = (record: LedgerRecord): string | undefined => {
    const cause = causes.get(record);
    return record.traceId ?? (cause && traceOf(cause));
  };
  const cut = records.filter((record) => {
    const cause = causes.get(record);
    const above = cause && traceOf(cause);
    return record.traceId !== undefined && above !== undefined && above !== record.traceId;
  });
  for (const record of cut) {
    linked.set(record, causes.get(record)!);
    causes.set(record, undefined);
  }
  return linked;
}
