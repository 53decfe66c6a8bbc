import { readText } from './read.ts';

/** Large programs map some thousand regions; a program and its libraries are mapped in the first of them. */
const LIMIT = 2 * 1024 * 1024;

const LINE = /^([0-9a-f]+)-[0-9a-f]+ \S+ ([0-9a-f]+) \S+ \d+ +(\/.*)$/gm;

/** A file that is mapped into a process. */
export interface Mapping {
  readonly path: string;
  /** Where its first byte is in memory. */
  readonly start: number;
}

/** The files mapped from their first byte on (proc(5), /proc/PID/maps). */
export function readMappings(procRoot: string, pid: number): Mapping[] {
  const text = readText(`${procRoot}/${pid}/maps`, LIMIT) ?? '';
  const mappings: Mapping[] = [];
  for (const [, start, offset, path] of text.matchAll(LINE))
    if (Number.parseInt(offset!, 16) === 0)
      mappings.push({ path: path!.replace(/ \(deleted\)$/, ''), start: Number.parseInt(start!, 16) });
  return mappings;
}
