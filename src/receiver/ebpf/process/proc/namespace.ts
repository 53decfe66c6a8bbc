import { readLink } from './read.ts';

/** Inode of a namespace of the process; 0 where not readable. */
export function readNamespace(procRoot: string, pid: number, kind: 'net' | 'pid'): number {
  const inode = /\[(\d{1,15})\]$/.exec(readLink(`${procRoot}/${pid}/ns/${kind}`) ?? '');
  return inode ? Number(inode[1]) : 0;
}
