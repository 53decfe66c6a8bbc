import type { LedgerRecord } from '../../examples/shop/ledger.ts';
import { DEFAULT_MERGE, type ExpectedMerge, expectedMerge, type Merge } from './expected-merge.ts';
import { describe, groupBy, renderTree } from './expected-tree.ts';
import { type Identified, identify } from './identify.ts';
import type { Span } from './otlp-json.ts';

/** Trees shown in full when they differ; the rest is only counted. */
const SHOWN = 3;

/** What is wrong with a set of spans by itself, whatever they stand for. */
export function structureProblems(spans: readonly Span[]): string[] {
  const problems: string[] = [];
  const byId = new Map<string, Span>();
  for (const span of spans) {
    const other = byId.get(span.spanId);
    if (other) problems.push(`span id ${span.spanId} twice: "${other.name}" and "${span.name}"`);
    byId.set(span.spanId, span);
  }
  for (const span of spans) {
    if (span.parentSpanId === '') continue;
    const parent = byId.get(span.parentSpanId);
    if (!parent)
      problems.push(`"${span.name}" ${span.spanId} has parent ${span.parentSpanId}, which is nowhere`);
    else if (parent.traceId !== span.traceId)
      problems.push(`"${span.name}" ${span.spanId} is in another trace than its parent "${parent.name}"`);
  }
  return problems;
}

const ZERO_CODE_SCOPE = 'spanloom';
/** SDKs cut or round times: OpenTelemetry JS to whole milliseconds at the start, and its end follows that start. */
const SDK_CLOCK_STEP = 2_000_000n;

/** Zero-code spans that do not start while their parent lasts. */
function nestingProblems(spans: readonly Span[]): string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const problems: string[] = [];
  for (const span of spans) {
    const parent = byId.get(span.parentSpanId);
    if (span.scope !== ZERO_CODE_SCOPE || !parent) continue;
    const step = parent.scope === ZERO_CODE_SCOPE ? 0n : SDK_CLOCK_STEP;
    const early = parent.startUnixNano - step - span.startUnixNano;
    const late = span.startUnixNano - parent.endUnixNano - step;
    if (early > 0n)
      problems.push(`"${span.name}" ${span.spanId} starts ${early} ns before its parent "${parent.name}"`);
    if (late > 0n)
      problems.push(`"${span.name}" ${span.spanId} starts ${late} ns after its parent "${parent.name}"`);
  }
  return problems;
}

function text(span: Span, { recordOf }: Identified): string {
  const record = recordOf.get(span);
  const what = record
    ? `${describe(record)} [${record.label}]`
    : `${span.kind} "${span.name}" [not in the records]`;
  return `${what} trace ${span.traceId.slice(0, 8)} span ${span.spanId}`;
}

function factProblems(record: LedgerRecord, span: Span): string[] {
  const problems: string[] = [];
  const check = (what: string, expected: unknown, actual: unknown) => {
    if (expected !== actual)
      problems.push(`${describe(record)} of ${record.label}: ${what} is ${actual}, not ${expected}`);
  };
  check('kind', record.kind.toUpperCase(), span.kind);
  check('service.name', record.service, span.resource['service.name']);
  if (!record.spanId) check('process.pid', record.pid, span.resource['process.pid']);
  return problems;
}

/** The records of one order and the spans of all traces they are in, against the tree that the records stand for. */
function orderProblems(
  label: string,
  own: readonly LedgerRecord[],
  expected: ExpectedMerge,
  found: Identified,
): string[] {
  const problems: string[] = [];
  /** By what comes first in each trace that the order has to be in. */
  const traces = new Map<LedgerRecord, Set<string>>();
  for (const record of own) {
    const span = found.spanOf.get(record);
    if (!span) {
      problems.push(`${label}: no span for ${describe(record)}`);
      continue;
    }
    const first = firstOf(record, expected);
    traces.set(first, (traces.get(first) ?? new Set()).add(span.traceId));
    problems.push(...factProblems(record, span));
    const cause = expected.causes.get(record);
    const parent = cause && found.spanOf.get(cause);
    if (span.parentSpanId !== (parent?.spanId ?? ''))
      problems.push(
        `${label}: ${describe(record)} is under ${span.parentSpanId || 'nothing'}, not under ${cause ? describe(cause) : 'nothing'}`,
      );
    problems.push(...linkProblems(label, record, span, expected, found));
  }
  const different = new Set([...traces.values()].flatMap((ids) => [...ids]));
  if ([...traces.values()].some((ids) => ids.size > 1) || different.size !== traces.size)
    problems.push(`${label}: ${different.size} traces instead of ${traces.size === 1 ? 'one' : traces.size}`);
  return problems;
}

function firstOf(record: LedgerRecord, { causes }: ExpectedMerge): LedgerRecord {
  let first = record;
  for (let cause = causes.get(first); cause; cause = causes.get(first)) first = cause;
  return first;
}

function linkProblems(
  label: string,
  record: LedgerRecord,
  { links }: Span,
  { linked }: ExpectedMerge,
  found: Identified,
): string[] {
  const other = linked.get(record);
  const target = other && found.spanOf.get(other);
  const expected = target ? [`${target.traceId} ${target.spanId}`] : [];
  const actual = links.map(({ traceId, spanId }) => `${traceId} ${spanId}`);
  if (expected.join() === actual.join()) return [];
  return [
    `${label}: ${describe(record)} is linked to [${actual.join(', ')}], not to ${other ? describe(other) : 'nothing'}`,
  ];
}

function showTrees(
  label: string,
  own: readonly LedgerRecord[],
  { causes }: ExpectedMerge,
  spans: readonly Span[],
  found: Identified,
) {
  const traces = new Set(own.map((record) => found.spanOf.get(record)?.traceId));
  const shown = spans.filter((span) => traces.has(span.traceId));
  const byId = new Map(shown.map((span) => [span.spanId, span]));
  const expected = renderTree(own, (record) => causes.get(record), describe);
  const actual = renderTree(
    shown,
    (span) => byId.get(span.parentSpanId),
    (span) => text(span, found),
  );
  return `${label}, expected:\n${expected}\n${label}, in the output:\n${actual}`;
}

/**
 * Compares the traces in `spans` with what the programs recorded: each order of `labels` has to be one trace with
 * exactly the records' tree, or what else `merge` makes of it. Records of other labels only explain spans that need not be there (orders answered
 * before the pipeline started, whose SDK spans came late).
 *
 * @returns every difference in a sentence, and some trees in full at the end; empty when there is none.
 */
export function treeProblems(
  spans: readonly Span[],
  ledger: readonly LedgerRecord[],
  labels: readonly string[],
  merge: Merge = DEFAULT_MERGE,
): string[] {
  const wanted = new Set(labels);
  const expected = expectedMerge(
    ledger.filter((record) => wanted.has(record.label)),
    merge,
  );
  const { records } = expected;
  const found = identify(
    spans,
    records,
    ledger.filter((record) => !wanted.has(record.label)),
  );
  const problems = [...structureProblems(spans), ...nestingProblems(spans), ...found.problems];
  for (const span of found.unexplained)
    problems.push(`no record explains ${text(span, found)} of ${span.resource['service.name']}`);

  const traceOwner = new Map<string, string>();
  const trees: string[] = [];
  const ofLabel = groupBy(records, (record) => record.label);
  for (const label of wanted) {
    const own = ofLabel.get(label) ?? [];
    const wrong =
      own.length === 0 ? [`${label}: nothing recorded`] : orderProblems(label, own, expected, found);
    for (const traceId of new Set(own.map((record) => found.spanOf.get(record)?.traceId))) {
      if (traceId === undefined) continue;
      const owner = traceOwner.get(traceId);
      if (owner !== undefined) wrong.push(`${label} and ${owner} share trace ${traceId}`);
      traceOwner.set(traceId, label);
    }
    problems.push(...wrong);
    if (wrong.length > 0 && trees.length < SHOWN) trees.push(showTrees(label, own, expected, spans, found));
  }
  return [...problems, ...trees];
}
