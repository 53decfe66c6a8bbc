import { readLink } from './read.ts';

const DELETED = ' (deleted)';

/** Path of the program, as its own mount namespace names it; undefined where not readable. */
export function readExecutablePath(procRoot: string, pid: number): string | undefined {
  const target = readLink(`${procRoot}/${pid}/exe`);
  // The kernel appends this to the name of a file replaced since, as upgrades do.
  return target?.endsWith(DELETED) ? target.slice(0, -DELETED.length) : target;
}
