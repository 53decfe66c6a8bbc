import { clip, columns } from '../../../terminal/columns.ts';
import type { Colour } from '../../../terminal/paint.ts';
import { bar } from './bar.ts';
import { branch, branchWidth } from './branch.ts';
import { type Interval, intervalOf } from './interval.ts';
import type { Row } from './row.ts';
import type { Style } from './style.ts';

const GAP = '  ';
const MIN_BRANCH = 24;
/** Branches and names up to this width are not cut for a bar. */
const KEPT_BRANCH = 56;
const MIN_BAR = 16;
/** From this width on the bars and the errors keep room, at the cost of very long names. */
const WIDE = 110;
const MAX_BAR = 32;
const MIN_ERROR = 16;
const MAX_ERROR = 40;
const SOURCE = 'zero-code'.length;
const SERVICES: readonly Colour[] = ['cyan', 'magenta', 'blue', 'green', 'yellow'];

/** Lays out the rows of one trace in common columns; where the terminal has room, with a bar of each span's time. */
export function layout(rows: readonly Row[], whole: Interval, style: Style): (row: Row) => string {
  const { paint, glyphs, width } = style;
  const widest = (size: (row: Row) => number) => rows.reduce((max, row) => Math.max(max, size(row)), 0);
  const kind = widest((row) => columns(row.kind));
  const duration = widest((row) => columns(row.duration));
  const link = widest((row) => columns(linkText(row)));
  const fixed = kind + duration + SOURCE + link + 4 * GAP.length;
  const wide = width >= WIDE;
  const widestError = widest((row) => columns(row.error ?? ''));
  const error = wide && widestError > 0 ? Math.min(MAX_ERROR, widestError) + GAP.length : 0;
  const wanted = widest((row) => branchWidth(row, style));
  const room = width - fixed - error;
  const besideBar = wide ? Math.max(room - MIN_BAR - GAP.length, Math.min(room, KEPT_BRANCH)) : room;
  const left = Math.min(wanted, Math.max(MIN_BRANCH, besideBar));
  const spare = width - fixed - error - left - GAP.length;
  const barWidth = Number.isFinite(width) && spare >= MIN_BAR ? Math.min(spare, MAX_BAR) : 0;
  const errorWidth = Math.max(
    MIN_ERROR,
    width - fixed - left - (barWidth && barWidth + GAP.length) - GAP.length,
  );
  const colours = new Map<string, Colour>();
  for (const { service } of rows)
    if (!colours.has(service)) colours.set(service, SERVICES[colours.size % SERVICES.length]!);

  return (row) => {
    const colour = colours.get(row.service)!;
    const cells = [
      branch(row, colour, style, left),
      paint(row.kind.padEnd(kind), 'dim'),
      row.duration.padStart(duration),
    ];
    if (barWidth > 0) cells.push(paint(bar(intervalOf(row.node), whole, barWidth, glyphs), colour));
    cells.push(paint(row.source.padEnd(SOURCE), ...(row.source === 'sdk' ? (['dim'] as const) : [])));
    const via = linkText(row);
    if (via !== '' || row.error !== undefined)
      cells.push(paint(via, row.ambiguous ? 'yellow' : 'green') + ' '.repeat(link - columns(via)));
    if (row.error !== undefined)
      cells.push(paint(clip(row.error, errorWidth, glyphs.ellipsis), 'red', 'bold'));
    return cells.join(GAP).trimEnd();
  };
}

function linkText({ link, ambiguous }: Row): string {
  const via = link === '' ? '' : `via ${link}`;
  if (!ambiguous) return via;
  return via === '' ? 'ambiguous' : `${via}, ambiguous`;
}
