import { number, table, writePage } from '../common/page.ts';
import { percent, precision, recall, withBound } from './bars.ts';
import type { Tally } from './judge.ts';
import { CASES } from './registry.ts';
import type { CellResult, MeasuredCell } from './results.ts';

const HEAD = [
  'case, variant, requests at a time',
  'calls',
  'right',
  'wrong',
  'missing',
  'ambiguous',
  'not seen',
  'precision (≥)',
  'recall (≥)',
  'linked by',
  'first-egress: precision · recall',
  'time only: precision · recall',
];

/** Writes `docs/benchmarks/links.md`; returns its path. */
export function writeReport(results: readonly CellResult[]): string {
  const measured = results.filter((cell) => cell.state === 'measured');
  return writePage('links', [
    '# Links: how often a call is linked to the request that caused it',
    '`npm run bench:links`. Real programs are captured while labelled requests go through them; each call is recorded by the ' +
      'program that makes it. The table compares Spanloom’s links, at its defaults and without any SDK unless the case says so, with those records. ' +
      'Labels stand where no rule looks; with every label byte blanked in the recording all links must stay the same.',
    '*Missing* calls got no link; of them *ambiguous* ones say so, and *not seen* ones are not in the capture. A call that belongs to no request is right ' +
      'when it has no link, and counts for neither precision (right links of all links) nor recall (right links of all calls that belong to a request). In brackets the lower bound of the 95 % Wilson interval. Two baselines judge the same capture: *first-egress* (a request gives its thread an ' +
      'id, the next call of the thread takes and deletes it) and *time only* (the latest started request of the process that is still open).',
    table(HEAD, measured.map(row)),
    '## Not met',
    notMet(results),
    '## Cases',
    CASES.map(({ name, shows, variants }) => {
      const reasons = new Set(
        variants.map(({ recallNotAsked }) => recallNotAsked).filter((why) => why !== undefined),
      );
      const note = [...reasons].map((why) => ` Recall is not asked of every variant: ${why}.`).join('');
      return `- \`${name}\`: ${shows}${note}`;
    }).join('\n'),
    '## Runs',
    runs(measured),
  ]);
}

function row(cell: MeasuredCell): string[] {
  const { calls, right, wrong, missing, ambiguous, notSeen } = cell.spanloom;
  return [
    name(cell),
    ...[calls, right, wrong, missing, ambiguous, notSeen].map((count) => number(count)),
    withBound(precision(cell.spanloom)),
    withBound(recall(cell.spanloom)),
    Object.entries(cell.evidence)
      .map(([kind, links]) => `\`${kind}\` ${number(links)}`)
      .join(', '),
    both(cell.firstEgress),
    both(cell.timeOnly),
  ];
}

function name(cell: CellResult): string {
  return `${cell.case}, ${cell.variant}, ${cell.concurrency}`;
}

function both(tally: Tally): string {
  return `${percent(precision(tally))} · ${percent(recall(tally))}`;
}

function notMet(results: readonly CellResult[]): string {
  const lines = results.flatMap((cell) => {
    if (cell.state !== 'measured') return [`- ${name(cell)}: ${cell.state}: ${cell.why}`];
    return cell.misses.map((miss) => `- ${name(cell)}: ${miss}`);
  });
  return lines.length === 0 ? 'Nothing: every row is measured and within its bars.' : lines.join('\n');
}

/** Rows that ran alike, as one line. */
function runs(measured: readonly MeasuredCell[]): string {
  const rows = new Map<string, Set<string>>();
  for (const { date, machine, versions, case: of } of measured) {
    const key = `${date}, ${machine}: ${versions}`;
    rows.set(key, (rows.get(key) ?? new Set()).add(of));
  }
  return [...rows].map(([run, cases]) => `- ${run}: ${[...cases].join(', ')}`).join('\n') || 'None yet.';
}
