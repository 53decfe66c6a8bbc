import { percent, precision, recall } from './bars.ts';
import type { CellResult } from './results.ts';

/** One line on the terminal for a row that is done. */
export function progressLine(name: string, cell: CellResult): string {
  if (cell.state !== 'measured') return `${name}: ${cell.state}: ${cell.why}`;
  const { calls, right, wrong, missing, ambiguous, notSeen, background, leftAlone } = cell.spanloom;
  const exact = precision(cell.spanloom);
  const parts = [
    `${calls} calls: ${right} right, ${wrong} wrong, ${missing} missing (${ambiguous} ambiguous, ${notSeen} not seen)`,
    `by ${
      Object.entries(cell.evidence)
        .map(([kind, count]) => `${kind} ${count}`)
        .join(', ') || 'nothing'
    }`,
    `first-egress ${percent(recall(cell.firstEgress))}, time only ${percent(recall(cell.timeOnly))} right`,
  ];
  if (exact.total > 0) parts[0] += `, precision ${percent(exact)}`;
  if (background > 0) parts[0] += `, ${leftAlone} of ${background} background calls left alone`;
  if (cell.sampledOut > 0)
    parts.push(`${cell.sampledOut} more sampled out, ${cell.shownSampledOut} of them shown`);
  if (cell.lost > 0) parts.push(`${cell.lost} records lost`);
  if (cell.unrecorded > 0) parts.push(`${cell.unrecorded} calls seen that no program recorded`);
  const verdict = cell.misses.length === 0 ? 'met' : `NOT MET: ${cell.misses.join('; ')}`;
  return `${name}: ${parts.join('; ')}; ${verdict}`;
}
