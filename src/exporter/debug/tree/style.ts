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

/** SGR parameters (ECMA-48, section 8.3.117). */
const SGR = {
  bold: '1',
  dim: '2',
  red: '31',
  green: '32',
  yellow: '33',
  blue: '34',
  magenta: '35',
  cyan: '36',
} as const;

export type Colour = keyof typeof SGR;
export type Paint = (text: string, ...colours: Colour[]) => string;

export const plain: Paint = (text) => text;

export const coloured: Paint = (text, ...colours) =>
  colours.length === 0 || text === ''
    ? text
    : `\x1b[${colours.map((colour) => SGR[colour]).join(';')}m${text}\x1b[0m`;

/** What the output is, as far as the drawing depends on it. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  hasColors?(): boolean;
}

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
