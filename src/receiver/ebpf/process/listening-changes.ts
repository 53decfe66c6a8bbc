import { countDescriptors } from './proc/ports.ts';
import type { SocketTables } from './proc/socket-tables.ts';

/**
 * Tells cheaply, between one look around and the next, whose listening sockets may have changed: the process opened
 * or closed descriptors, or a listening socket came or went in its network namespace.
 */
export class ListeningChanges {
  readonly #procRoot: string;
  readonly #tables: SocketTables;
  readonly #seen = new Map<number, { readonly descriptors: number | undefined; readonly revision: number }>();

  constructor(procRoot: string, tables: SocketTables) {
    this.#procRoot = procRoot;
    this.#tables = tables;
  }

  /** Whether something changed since the last call for this process. */
  since(pid: number): boolean {
    const before = this.#seen.get(pid);
    const descriptors = countDescriptors(this.#procRoot, pid);
    const { revision } = this.#tables.of(pid);
    this.#seen.set(pid, { descriptors, revision });
    return descriptors === undefined || before?.descriptors !== descriptors || before.revision !== revision;
  }

  forget(pid: number): void {
    this.#seen.delete(pid);
  }
}
