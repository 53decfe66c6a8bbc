import { number, table, writePage } from '../common/page.ts';
import { percent, type Share } from './bars.ts';
import type { CellResult, MeasuredCell } from './results.ts';
import { precisionOf, recallOf, type VerifyRow } from './verify.ts';
import { disagreements, interval } from './verify-agrees.ts';

const HEAD = [
  'case, variant, requests at a time',
  'service',
  'evidence',
  'calls judged',
  'precision: verify',
  'labels [95 %]',
  'recall: verify',
  'labels [95 %]',
];

/** Writes `docs/benchmarks/verify.md`; returns its path. */
export function writeVerifyReport(results: readonly CellResult[]): string {
  const cells = results.filter((cell) => cell.state === 'measured' && cell.verification) as MeasuredCell[];
  return writePage('verify', [
    '# `verify`: whether what it says of the evidence is so',
    '`npm run bench:links -- --cases …` with the cases whose names begin with `mixed`. In production `verify` compares what evidence says ' +
      'by itself with what the wire or an SDK tells. Here every call has a label as well: the same recording is replayed with all that tells ' +
      'switched off, with the other evidence together (`all`) and with each kind alone, and those links are judged by the labels, over the ' +
      'calls that `verify` judged. What `verify` says has to lie in the 95 % Wilson interval of that. A dash: it said nothing.',
    table(HEAD, cells.flatMap(rows)),
    '## Not met',
    cells
      .flatMap((cell) => disagreements(cell.verification!).map((what) => `- ${name(cell)}: ${what}`))
      .join('\n') || 'Nothing: every figure lies in its interval.',
  ]);
}

function rows(cell: MeasuredCell): string[][] {
  return cell.verification!.rows.map((row) => [name(cell), ...cells(row)]);
}

function cells({ service, evidence, verify, labels }: VerifyRow): string[] {
  const beside = (share: Share) => `${percent(share)} [${interval(share)}]`;
  return [
    service,
    `\`${evidence}\``,
    number(recallOf(verify).total),
    percent(precisionOf(verify)),
    precisionOf(labels).total === 0 ? '–' : beside(precisionOf(labels)),
    percent(recallOf(verify)),
    beside(recallOf(labels)),
  ];
}

function name({ case: of, variant, concurrency }: CellResult): string {
  return `${of}, ${variant}, ${concurrency}`;
}
