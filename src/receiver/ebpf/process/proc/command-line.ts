import { readText } from './read.ts';

/** Enough for the class path of a large Java service. */
const LIMIT = 128 * 1024;

/** The arguments, the program's own name first; empty where not readable. */
export function readCommandLine(procRoot: string, pid: number): string[] {
  return parseCommandLine(readText(`${procRoot}/${pid}/cmdline`, LIMIT) ?? '');
}

export function parseCommandLine(text: string): string[] {
  // A process that rewrites its title leaves the rest of the area as zeros, which are no arguments.
  let end = text.length;
  while (end > 0 && text[end - 1] === '\0') end--;
  return end === 0 ? [] : text.slice(0, end).split('\0');
}
