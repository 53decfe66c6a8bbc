import type { Process } from '../exchange.ts';
import type { TrackedConnection } from './connection.ts';

const NONE: ReadonlySet<TrackedConnection> = new Set();

/** The connections that are followed, by socket and by process, so that the end of a process costs what it had. */
export class Connections {
  readonly #byCookie = new Map<number, TrackedConnection>();
  readonly #byProcess = new Map<Process, Set<TrackedConnection>>();

  get(cookie: number): TrackedConnection | undefined {
    return this.#byCookie.get(cookie);
  }

  add(connection: TrackedConnection): void {
    this.#byCookie.set(connection.socket.cookie, connection);
  }

  /** The process holds this one from now on. */
  take(connection: TrackedConnection, process: Process): void {
    this.#release(connection);
    connection.process = process;
    const others = this.#byProcess.get(process);
    if (others) others.add(connection);
    else this.#byProcess.set(process, new Set([connection]));
  }

  delete(connection: TrackedConnection): void {
    this.#byCookie.delete(connection.socket.cookie);
    this.#release(connection);
  }

  /** What the process holds now: what becomes of them meanwhile does not matter. */
  of(process: Process): readonly TrackedConnection[] {
    return [...(this.#byProcess.get(process) ?? NONE)];
  }

  [Symbol.iterator](): Iterator<TrackedConnection> {
    return this.#byCookie.values();
  }

  #release(connection: TrackedConnection): void {
    const { process } = connection;
    if (!process) return;
    const others = this.#byProcess.get(process);
    if (others?.delete(connection) && others.size === 0) this.#byProcess.delete(process);
  }
}
