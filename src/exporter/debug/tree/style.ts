import { coloured, type Paint, plain, type Screen } from '../../../terminal/paint.ts';

/** How a tree is drawn: which characters, which colours, how wide. */
export interface Style {
  readonly glyphs: Glyphs;
  readonly paint: Paint;
  /** Columns to stay within; infinite where the output is no terminal. */
  readonly width: number;
}

interface Glyphs {
  readonly branch: string;
  readonly last: string;
  readonly through: string;
  readonly blank: string;
  readonly sdk: string;
  readonly zeroCode: string;
  readonly separator: string;
  readonly ellipsis: string;
  /** A bar's whole column, and what starts or ends within one. */
  readonly bar: string;
  readonly barPart: string;
}

export const UNICODE: Glyphs = {
  branch: '├─',
  last: '└─',
  through: '│ ',
  blank: '  ',
  sdk: '●',
  zeroCode: '○',
  separator: ' · ',
  ellipsis: '…',
  bar: '━',
  barPart: '╺',
};

export const ASCII: Glyphs = {
  branch: '|-',
  last: '`-',
  through: '| ',
  blank: '  ',
  sdk: '*',
  zeroCode: 'o',
  separator: ', ',
  ellipsis: '..',
  bar: '=',
  barPart: '-',
};

/** Colours, and bounds to the width, on a terminal only. `hasColors` of Node honours NO_COLOR and TERM. */
export function styleFor(screen: Screen, env: NodeJS.ProcessEnv = process.env): Style {
  if (!screen.isTTY) return { glyphs: UNICODE, paint: plain, width: Number.POSITIVE_INFINITY };
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  const ascii = env.TERM === 'dumb' || (locale !== '' && !/utf-?8/i.test(locale));
  return {
    glyphs: ascii ? ASCII : UNICODE,
    paint: screen.hasColors?.() ? coloured : plain,
    width: screen.columns || 80,
  };
}
