import { clip, columns } from '../../../terminal/columns.ts';
import type { Colour } from '../../../terminal/paint.ts';
import type { Level, Row } from './row.ts';
import type { Style } from './style.ts';

/** Room that the names keep however deep a tree is. */
const NAMES = 16;

/** Deeper rows show the branches next to them only. */
const MAX_LEVELS = 64;

/** Columns the left part of a row takes when nothing is cut. */
export function branchWidth(row: Row, style: Style): number {
  return pieces(row, 'cyan', style, Number.POSITIVE_INFINITY).reduce(
    (sum, { text }) => sum + columns(text),
    0,
  );
}

/** Branches, mark, service, name and system of a row, on exactly `width` columns. */
export function branch(row: Row, colour: Colour, style: Style, width: number): string {
  let room = width;
  let line = '';
  const deepest = branchWidth(row, style) <= width ? Number.POSITIVE_INFINITY : Math.max(0, width - NAMES);
  for (const { text, colours } of pieces(row, colour, style, deepest)) {
    if (room === 0) break;
    const cut = clip(text, room, style.glyphs.ellipsis);
    line += style.paint(cut, ...colours);
    room -= columns(cut);
    if (cut !== text) break;
  }
  return line + ' '.repeat(Math.max(0, room));
}

interface Piece {
  readonly text: string;
  readonly colours: readonly Colour[];
}

/** @param deepest columns for the branches; of longer ones the last columns are shown. */
function pieces(row: Row, colour: Colour, { glyphs }: Style, deepest: number): Piece[] {
  const guides = branches(row.level, glyphs);
  const shown =
    guides.length <= deepest
      ? guides
      : glyphs.ellipsis + guides.slice(guides.length - deepest + glyphs.ellipsis.length);
  const mark = row.source === 'sdk' ? glyphs.sdk : glyphs.zeroCode;
  return [
    { text: shown, colours: ['dim'] },
    { text: `${mark} `, colours: [row.error === undefined ? colour : 'red'] },
    { text: row.service, colours: [colour, 'bold'] },
    { text: `  ${row.name}`, colours: row.error === undefined ? [] : ['red'] },
    { text: row.system && `  ${row.system}`, colours: ['dim'] },
  ];
}

function branches(own: Level | undefined, glyphs: Style['glyphs']): string {
  if (!own) return '';
  const lines = [own.more ? glyphs.branch : glyphs.last];
  let level = own.above;
  for (; level && lines.length < MAX_LEVELS; level = level.above)
    lines.push(level.more ? glyphs.through : glyphs.blank);
  if (level) lines.push(glyphs.ellipsis);
  return lines.reverse().join('');
}
