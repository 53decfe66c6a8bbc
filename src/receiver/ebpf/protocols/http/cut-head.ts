import { isToken } from './start-line.ts';

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;

/**
 * Looks for the end of a header section in the bytes that follow a gap: the rest of the line that the gap cut, then
 * field lines, then an empty line. `fieldsFrom` is the first whole line, `end` the index after the empty one.
 */
export function endOfCutHead(data: Uint8Array): { fieldsFrom: number; end: number } | undefined {
  let lf = data.indexOf(LF);
  if (lf < 0) return undefined;
  const fieldsFrom = lf + 1;
  for (;;) {
    const line = lf + 1;
    lf = data.indexOf(LF, line);
    if (lf < 0) return undefined;
    if (lf === line || (lf === line + 1 && data[line] === CR)) return { fieldsFrom, end: lf + 1 };
    if (!isFieldLine(data, line, lf)) return undefined;
  }
}

function isFieldLine(data: Uint8Array, from: number, lf: number): boolean {
  if (data[from] === 0x20 || data[from] === 0x09) return true;
  let i = from;
  while (i < lf && isToken(data[i]!)) i++;
  return i > from && data[i] === COLON;
}
