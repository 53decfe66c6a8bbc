import { readdirSync, statSync } from 'node:fs';
import type { ListeningSockets } from './listening-sockets.ts';
import { readLink } from './read.ts';

/** A listener is opened early and keeps a low descriptor; a process with very many is not walked to the end. */
const MAX_DESCRIPTORS = 4096;

/**
 * Ports that the process listens on: sockets it holds, joined with what its network namespace listens on. Empty
 * where its descriptors are not readable.
 *
 * @param sockets asked for only if the process holds a socket at all
 */
export function readListeningPorts(procRoot: string, pid: number, sockets: () => ListeningSockets): number[] {
  const directory = `${procRoot}/${pid}/fd`;
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    return [];
  }
  const ports = new Set<number>();
  let table: ListeningSockets | undefined;
  for (const name of names.slice(0, MAX_DESCRIPTORS)) {
    const inode = /^socket:\[(\d{1,15})\]$/.exec(readLink(`${directory}/${name}`) ?? '');
    if (!inode) continue;
    table ??= sockets();
    if (table.size === 0) break;
    const port = table.get(Number(inode[1]));
    if (port !== undefined) ports.add(port);
  }
  return [...ports].sort((a, b) => a - b);
}

/** How many descriptors are open; undefined where not readable and before Linux 6.2, which does not tell cheaply. */
export function countDescriptors(procRoot: string, pid: number): number | undefined {
  try {
    return statSync(`${procRoot}/${pid}/fd`).size || undefined;
  } catch {
    return undefined;
  }
}
