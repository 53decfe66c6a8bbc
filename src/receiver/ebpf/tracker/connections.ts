import type { Process } from '../exchange.ts';
import type { TrackedConnection } from './connection.ts';

/** A connection that is followed, and who holds it. */
export interface HeldConnection {
  readonly tracked: TrackedConnection;
  /** Undefined until something has passed on it. */
  readonly process: Process | undefined;
}

interface Held extends HeldConnection {
  process: Process | undefined;
}

const NONE: ReadonlySet<Held> = new Set();

/** The connections that are followed, by socket and by process, so that the end of a process costs what it had. */
export class Connections {
  readonly #byCookie = new Map<number, Held>();
  readonly #byProcess = new Map<Process, Set<Held>>();

  get(cookie: number): HeldConnection | undefined {
    return this.#byCookie.get(cookie);
  }

  add(tracked: TrackedConnection): HeldConnection {
    const held: Held = { tracked, process: undefined };
    this.#byCookie.set(tracked.socket.cookie, held);
    return held;
  }

  /** The process holds this one from now on. */
  take(connection: HeldConnection, process: Process): void {
    const held: Held = connection;
    this.#release(held);
    held.process = process;
    const others = this.#byProcess.get(process);
    if (others) others.add(held);
    else this.#byProcess.set(process, new Set([held]));
  }

  delete(connection: HeldConnection): void {
    this.#byCookie.delete(connection.tracked.socket.cookie);
    this.#release(connection);
  }

  /** What the process holds now: what becomes of them meanwhile does not matter. */
  of(process: Process): readonly HeldConnection[] {
    return [...(this.#byProcess.get(process) ?? NONE)];
  }

  [Symbol.iterator](): Iterator<HeldConnection> {
    return this.#byCookie.values();
  }

  #release(held: Held): void {
    if (!held.process) return;
    const others = this.#byProcess.get(held.process);
    if (others?.delete(held) && others.size === 0) this.#byProcess.delete(held.process);
  }
}
