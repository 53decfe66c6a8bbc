/**
 * True identities. A request carries `LBL-000123-0`; the calls made for it carry the same number and, as far as the
 * program can say, which call it is: `LBL-000123-1`. Numbers that begin with `w` are requests sent before the capture,
 * those with `b` are calls that belong to no request. Every label has the same size, so that blanking one changes no
 * length.
 */
export const LABEL_PATTERN = /LBL-[0-9bw]\d{5}-[0-9a-z]/g;
export const LABEL_BYTES = 12;
/** What every label is made when a recording is blanked. */
export const BLANK_LABEL = 'LBL-000000-0';
/** Where requests, calls and programs' environments carry it. */
export const LABEL_HEADER = 'x-label';

const REQUEST_BYTES = 10;
const MARK = 4;

export function requestLabel(number: number): string {
  return `LBL-${String(number).padStart(6, '0')}-0`;
}

export function warmUpLabel(number: number): string {
  return `LBL-w${String(number).padStart(5, '0')}-0`;
}

/** The part that a request and its calls have in common. */
export function requestOf(label: string): string {
  return label.slice(0, REQUEST_BYTES);
}

export function isBackground(label: string): boolean {
  return label[MARK] === 'b';
}

export function isWarmUp(label: string): boolean {
  return label[MARK] === 'w';
}

/** Every label in a text, in order. */
export function labelsIn(text: string): string[] {
  return text.match(LABEL_PATTERN) ?? [];
}
