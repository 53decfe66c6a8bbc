import { readText } from './read.ts';

/** Large JVMs map some thousand regions; what identifies a runtime is mapped in the first of them. */
const LIMIT = 2 * 1024 * 1024;

/** File names, without folder, of what is mapped into the process. */
export function readMappedFiles(procRoot: string, pid: number): Set<string> {
  const names = new Set<string>();
  const text = readText(`${procRoot}/${pid}/maps`, LIMIT) ?? '';
  for (const match of text.matchAll(/\/([^/\n]+)$/gm)) names.add(match[1]!.replace(/ \(deleted\)$/, ''));
  return names;
}
