import { readdirSync } from 'node:fs';
import { readLink } from './read.ts';

/** All processes there are; empty where `procRoot` is no proc file system. */
export function listPids(procRoot: string): number[] {
  try {
    return readdirSync(procRoot)
      .filter((name) => /^[1-9]\d{0,9}$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** The reader's own number in the pid namespace that `procRoot` shows. */
export function ownPid(procRoot: string): number {
  return Number(readLink(`${procRoot}/self`) ?? process.pid);
}
