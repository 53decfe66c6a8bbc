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

/** Sentences are hard to read in longer lines. */
const MAX_TEXT_WIDTH = 110;

/** How text is written for people: colours on a terminal only, lines that fit it. */
export function screenStyle(screen: Screen): { readonly paint: Paint; readonly width: number } {
  return {
    paint: screen.isTTY && screen.hasColors?.() ? coloured : plain,
    width: Math.min(MAX_TEXT_WIDTH, (screen.isTTY && screen.columns) || MAX_TEXT_WIDTH),
  };
}
