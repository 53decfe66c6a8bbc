import { type Interval, lengthOf } from './interval.ts';
import type { Style } from './style.ts';

/** Where `part` lies within `whole`, drawn on `width` columns. */
export function bar(part: Interval, whole: Interval, width: number, glyphs: Style['glyphs']): string {
  const total = lengthOf(whole);
  const columnsOf = (nanos: bigint) => (total > 0 ? (Number(nanos) / total) * width : 0);
  const from = Math.max(0, Math.min(Math.floor(columnsOf(part.start - whole.start)), width - 1));
  const columns = Math.min(Math.round(columnsOf(part.end - part.start)), width - from);
  const drawn = columns < 1 ? glyphs.barPart : glyphs.bar.repeat(columns);
  return (' '.repeat(from) + drawn).padEnd(width);
}
