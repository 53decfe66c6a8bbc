import type { Containers } from './containers.ts';
import { readCommandLine } from './proc/command-line.ts';
import { readCgroups, readContainerId } from './proc/container.ts';
import type { ContainerDescription } from './proc/container-files.ts';
import { readExecutablePath } from './proc/executable.ts';
import { readListeningPorts } from './proc/ports.ts';
import type { SocketTables } from './proc/socket-tables.ts';
import { readStat } from './proc/stat.ts';
import type { Candidate } from './rules.ts';

/** A running process as the rules look at it: what costs more than a moment is read when a rule asks for it. */
export class LiveCandidate implements Candidate {
  readonly #procRoot: string;
  readonly #tables: SocketTables;
  readonly #containers: Containers;
  readonly #announced: ReadonlySet<number>;
  #commandArgs: readonly string[] | undefined;
  #listeningPorts: readonly number[] | undefined;
  #cgroups: readonly string[] | undefined;
  /** Null until it was read. */
  #containerId: string | undefined | null = null;

  private constructor(
    readonly pid: number,
    readonly startTime: number,
    readonly parentPid: number,
    readonly executablePath: string,
    procRoot: string,
    tables: SocketTables,
    containers: Containers,
    announced: ReadonlySet<number>,
  ) {
    this.#procRoot = procRoot;
    this.#tables = tables;
    this.#containers = containers;
    this.#announced = announced;
  }

  /**
   * @param announced ports that the process is known to listen on, although /proc may not show them yet
   * @returns undefined where there is no running program of this number
   */
  static read(
    procRoot: string,
    pid: number,
    tables: SocketTables,
    containers: Containers,
    announced: ReadonlySet<number>,
  ): LiveCandidate | undefined {
    const stat = readStat(procRoot, pid);
    if (!stat) return undefined;
    const path = readExecutablePath(procRoot, pid) ?? '';
    return new LiveCandidate(
      pid,
      stat.startTime,
      stat.parentPid,
      path,
      procRoot,
      tables,
      containers,
      announced,
    );
  }

  get commandArgs(): readonly string[] {
    this.#commandArgs ??= readCommandLine(this.#procRoot, this.pid);
    return this.#commandArgs;
  }

  get listeningPorts(): readonly number[] {
    this.#listeningPorts ??= [
      ...new Set([
        ...this.#announced,
        ...readListeningPorts(this.#procRoot, this.pid, () => this.#tables.of(this.pid).sockets),
      ]),
    ];
    return this.#listeningPorts;
  }

  get cgroups(): readonly string[] {
    this.#cgroups ??= readCgroups(this.#procRoot, this.pid);
    return this.#cgroups;
  }

  get containerId(): string | undefined {
    if (this.#containerId === null) this.#containerId = readContainerId(this.#procRoot, this.pid);
    return this.#containerId;
  }

  get container(): ContainerDescription | undefined {
    return this.containerId === undefined ? undefined : this.#containers.of(this.containerId);
  }
}
