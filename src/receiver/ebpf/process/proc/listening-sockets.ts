import { closeSync, constants, openSync } from 'node:fs';
import { readFrom } from './read.ts';

/** TCP_LISTEN of the kernel's `include/net/tcp_states.h`, as /proc/net/tcp prints it. */
const LISTEN = '0A';
/** What the kernel hands out at once. */
const CHUNK = 4096;

/** The ports of a network namespace that somebody listens on, by the listening socket's inode. */
export type ListeningSockets = ReadonlyMap<number, number>;

/** Listening TCP sockets, IPv4 and IPv6, of the network namespace that the process is in. */
export function readListeningSockets(procRoot: string, pid: number): ListeningSockets {
  const sockets = new Map<number, number>();
  for (const file of ['tcp', 'tcp6']) readTable(`${procRoot}/${pid}/net/${file}`, sockets);
  return sockets;
}

/** The kernel lists listening sockets first: the table ends for us at the first other one, however long it is. */
function readTable(path: string, sockets: Map<number, number>): void {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return;
  }
  try {
    let rest = '';
    for (let position = 0; ; ) {
      const chunk = readFrom(fd, position, CHUNK);
      if (!chunk || chunk.length === 0) return;
      position += chunk.length;
      const lines = (rest + chunk.toString('latin1')).split('\n');
      rest = lines.pop()!;
      // No line of this table is as long; garbage must not pile up.
      if (rest.length > CHUNK) return;
      if (!takeListening(lines, sockets)) return;
    }
  } finally {
    closeSync(fd);
  }
}

/** Adds the sockets of these lines; false once a socket that does not listen was seen. */
export function takeListening(lines: readonly string[], sockets: Map<number, number>): boolean {
  for (const line of lines) {
    // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode …
    const fields = line.trim().split(/\s+/);
    if (fields[0] === 'sl') continue;
    if (fields[3] !== LISTEN) return false;
    const port = Number.parseInt(fields[1]?.split(':')[1] ?? '', 16);
    const inode = Number(fields[9]);
    if (port > 0 && port <= 65535 && Number.isSafeInteger(inode) && inode > 0) sockets.set(inode, port);
  }
  return true;
}
