import { type Clock, type Nanos, SECOND } from '../../../../collector/clock.ts';
import { type ListeningSockets, readListeningSockets } from './listening-sockets.ts';
import { readNamespace } from './namespace.ts';

/** What is listened on in a network namespace. */
export interface SocketTable {
  readonly sockets: ListeningSockets;
  /** Another number whenever the sockets are others. */
  readonly revision: number;
}

/** A table is not read more often, however many begin to listen: events tell their ports meanwhile. */
const READ_EVERY = SECOND;

interface Entry extends SocketTable {
  readonly readAt: Nanos;
  stale: boolean;
}

/**
 * The listening sockets of each network namespace, remembered: to list them the kernel walks its whole table of
 * connections, which takes it milliseconds however few there are.
 */
export class SocketTables {
  readonly #procRoot: string;
  readonly #clock: Clock;
  /** By inode of the namespace; those read longest ago first. */
  readonly #tables = new Map<number, Entry>();
  readonly #used = new Set<number>();
  #revisions = 0;

  constructor(procRoot: string, clock: Clock) {
    this.#procRoot = procRoot;
    this.#clock = clock;
  }

  /** The table of the network namespace that the process is in. */
  of(pid: number): SocketTable {
    const netns = readNamespace(this.#procRoot, pid, 'net');
    const known = this.#tables.get(netns);
    this.#used.add(netns);
    const now = this.#clock.now();
    if (known && (!known.stale || now - known.readAt < READ_EVERY)) return known;
    const sockets = readListeningSockets(this.#procRoot, pid);
    const revision = known && equal(known.sockets, sockets) ? known.revision : ++this.#revisions;
    const table: Entry = { sockets, revision, readAt: now, stale: false };
    this.#tables.delete(netns);
    this.#tables.set(netns, table);
    return table;
  }

  /** Somebody in the network namespace of the process began to listen. */
  invalidate(pid: number): void {
    const table = this.#tables.get(readNamespace(this.#procRoot, pid, 'net'));
    if (table) table.stale = true;
  }

  /** Forgets namespaces that nobody asked for since the last call, and has the `count` oldest tables read again. */
  age(count: number): void {
    for (const netns of this.#tables.keys()) if (!this.#used.has(netns)) this.#tables.delete(netns);
    this.#used.clear();
    for (const table of [...this.#tables.values()].slice(0, count)) table.stale = true;
  }
}

function equal(a: ListeningSockets, b: ListeningSockets): boolean {
  return a.size === b.size && [...a].every(([inode, port]) => b.get(inode) === port);
}
