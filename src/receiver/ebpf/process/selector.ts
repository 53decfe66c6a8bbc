import { type Clock, MILLISECOND, SECOND, type Timer } from '../../../collector/clock.ts';
import { Containers } from './containers.ts';
import type { ProcessFacts } from './facts.ts';
import { ListeningChanges } from './listening-changes.ts';
import { LiveCandidate } from './live-candidate.ts';
import { readExecutablePath } from './proc/executable.ts';
import { listPids, ownPid } from './proc/pids.ts';
import { readListeningPorts } from './proc/ports.ts';
import { SocketTables } from './proc/socket-tables.ts';
import { readStat } from './proc/stat.ts';
import { type ReadOptions, readFacts } from './read-facts.ts';
import { ProcessScope } from './scope.ts';
import type { Selection } from './selection.ts';

/** A backstop for what no event told: sockets passed on, events lost. */
const RESCAN_EVERY = 10 * SECOND;
/** Until then a program has mapped its libraries, written its title and given up privileges. */
const SETTLED_AFTER = SECOND;
/** Processes looked at before other work gets its turn, and how soon the next ones follow. */
const SLICE = 32;
const SLICE_PAUSE = 5 * MILLISECOND;
/** Network namespaces whose listening sockets a rescan reads anew: a host may have hundreds. */
const TABLES_PER_RESCAN = 4;

export interface SelectorOptions {
  readonly selection: Selection;
  readonly read: ReadOptions;
  readonly clock: Clock;
  /**
   * The process is observed. Called again when what is known of an observed process changed: it runs another
   * program, listens on another port, or has settled after its start. The latest facts count.
   */
  selected(facts: ProcessFacts): void;
  /** The process is not observed any longer: it ended, or runs or listens on what is not chosen. */
  deselected(pid: number): void;
  /** Something about the choice is not as the configuration may expect; each thing is said once. */
  warn(message: string): void;
}

interface Known {
  /** Undefined until it was read: a fork tells the number only. */
  startTime: number | undefined;
  readonly parentPid: number;
  executablePath: string;
  /** Ports that listen events told; /proc may show them a moment later. */
  readonly announced: Set<number>;
  /** Set while the process is observed. */
  facts: ProcessFacts | undefined;
}

/** One look at a process. */
interface Look {
  /** It may run another program than when it was last looked at. */
  readonly newProgram: boolean;
  /** It has been running for a while. */
  readonly settled?: boolean;
  /** A port that it was just seen to listen on. */
  readonly port?: number;
}

/**
 * Chooses the processes to observe, at start from all there are and then as events tell.
 *
 * A process is chosen by the rules. A child that runs its parent's program is chosen with it: workers that were
 * forked before a port was opened, or that get their connections handed over, hold no listening socket. Once chosen
 * a process stays so until it ends, runs another program or is excluded; closing a port changes nothing.
 */
export class ProcessSelector {
  readonly #options: SelectorOptions;
  readonly #procRoot: string;
  readonly #ownPid: number;
  readonly #known = new Map<number, Known>();
  readonly #tables: SocketTables;
  readonly #changes: ListeningChanges;
  readonly #containers: Containers;
  readonly #scope: ProcessScope;
  readonly #settling = new Map<number, Timer>();
  readonly #timers = new Set<Timer>();

  constructor(options: SelectorOptions) {
    this.#options = options;
    this.#procRoot = options.read.procRoot;
    this.#ownPid = ownPid(this.#procRoot);
    this.#tables = new SocketTables(this.#procRoot, options.clock);
    this.#changes = new ListeningChanges(this.#procRoot, this.#tables);
    this.#containers = new Containers(this.#procRoot, options.warn);
    this.#scope = new ProcessScope(options.selection.scope, this.#procRoot, this.#ownPid);
  }

  /** Facts of a process as long as it is observed. */
  facts(pid: number): ProcessFacts | undefined {
    return this.#known.get(pid)?.facts;
  }

  /**
   * Looks at all processes at once, and from then on at times for what no event told.
   *
   * @throws {SpanloomError} `SPANLOOM_SCOPE_POD` where the scope is the pod and this process's own can not be read
   */
  start(): void {
    this.#scope.check(this.#options.warn);
    this.scan();
    this.#after(RESCAN_EVERY, () => this.#rescan());
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#settling.clear();
  }

  /** Looks at all processes at once. */
  scan(): void {
    for (const pid of listPids(this.#procRoot)) this.#consider(pid, { newProgram: true, settled: true });
  }

  /** The process runs another program now. */
  onExec(pid: number): void {
    this.#consider(pid, { newProgram: true });
  }

  onListen(pid: number, port: number): void {
    const facts = this.facts(pid);
    const matters = facts ? !facts.listeningPorts.includes(port) : this.#options.selection.dependsOnPorts;
    this.#tables.invalidate(pid);
    if (matters) this.#consider(pid, { newProgram: false, port });
  }

  onFork(parentPid: number, pid: number): void {
    const parent = this.#known.get(parentPid);
    if (!parent) return;
    const { executablePath } = parent;
    if (!this.#known.has(pid))
      this.#known.set(pid, {
        startTime: undefined,
        parentPid,
        executablePath,
        announced: new Set(),
        facts: undefined,
      });
    // Nothing is read for the child of a process that is not observed: most run another program right away.
    if (parent.facts) this.#consider(pid, { newProgram: true });
  }

  onExit(pid: number): void {
    const known = this.#known.get(pid);
    if (!known) return;
    this.#known.delete(pid);
    this.#changes.forget(pid);
    this.#settled(pid);
    if (known.facts) this.#options.deselected(pid);
  }

  #consider(pid: number, look: Look): void {
    if (pid === this.#ownPid) return;
    const announced = look.newProgram ? new Set<number>() : (this.#known.get(pid)?.announced ?? new Set());
    if (look.port !== undefined) announced.add(look.port);
    const candidate = LiveCandidate.read(this.#procRoot, pid, this.#tables, this.#containers, announced);
    if (!candidate) {
      this.onExit(pid);
      return;
    }
    const before = this.#remembered(candidate);
    const known: Known = {
      startTime: candidate.startTime,
      parentPid: candidate.parentPid,
      executablePath: candidate.executablePath,
      announced,
      facts: before?.facts,
    };
    this.#known.set(pid, known);
    if (!this.#isChosen(candidate, known, look.newProgram)) {
      known.facts = undefined;
      if (before?.facts) this.#options.deselected(pid);
      return;
    }
    const facts = readFacts(pid, this.#options.read, {
      ports: announced,
      sockets: () => this.#tables.of(pid).sockets,
    });
    if (!facts) {
      this.onExit(pid);
      return;
    }
    known.facts = facts;
    if (!look.settled && (look.newProgram || !before?.facts)) this.#settleLater(pid);
    if (JSON.stringify(facts) !== JSON.stringify(before?.facts)) this.#options.selected(facts);
    if (!before?.facts) this.#considerChildren(pid);
  }

  /** What was known of this process, not of an earlier one with the same number. */
  #remembered(candidate: LiveCandidate): Known | undefined {
    const known = this.#known.get(candidate.pid);
    if (known?.startTime === undefined || known.startTime === candidate.startTime) return known;
    this.onExit(candidate.pid);
    return undefined;
  }

  #isChosen(candidate: LiveCandidate, known: Known, newProgram: boolean): boolean {
    const { selection } = this.#options;
    if (!this.#scope.includes(candidate.pid)) return false;
    const parent = this.#known.get(known.parentPid);
    const chosen =
      (known.facts !== undefined && !newProgram) ||
      (parent?.facts !== undefined &&
        parent.executablePath !== '' &&
        parent.executablePath === candidate.executablePath) ||
      selection.includes(candidate);
    return chosen && !selection.excludes(candidate);
  }

  #considerChildren(parentPid: number): void {
    for (const [pid, known] of this.#known)
      if (known.parentPid === parentPid && !known.facts) this.#consider(pid, { newProgram: false });
  }

  #settleLater(pid: number): void {
    this.#settled(pid);
    const timer = this.#after(SETTLED_AFTER, () => {
      this.#settling.delete(pid);
      this.#consider(pid, { newProgram: false });
    });
    this.#settling.set(pid, timer);
  }

  #settled(pid: number): void {
    const timer = this.#settling.get(pid);
    if (!timer) return;
    timer.cancel();
    this.#timers.delete(timer);
    this.#settling.delete(pid);
  }

  #rescan(): void {
    const pids = listPids(this.#procRoot);
    const present = new Set(pids);
    for (const pid of [...this.#known.keys()]) if (!present.has(pid)) this.onExit(pid);
    this.#tables.age(TABLES_PER_RESCAN);
    const next = (from: number): void => {
      for (const pid of pids.slice(from, from + SLICE)) this.#lookAgain(pid);
      if (from + SLICE < pids.length) this.#after(SLICE_PAUSE, () => next(from + SLICE));
      else this.#after(RESCAN_EVERY, () => this.#rescan());
    };
    next(0);
  }

  #lookAgain(pid: number): void {
    if (pid === this.#ownPid) return;
    const known = this.#known.get(pid);
    const stat = readStat(this.#procRoot, pid);
    if (!stat) {
      this.onExit(pid);
      return;
    }
    const path = readExecutablePath(this.#procRoot, pid) ?? '';
    if (known?.startTime !== stat.startTime || known.executablePath !== path)
      this.#consider(pid, { newProgram: true });
    else if (this.#options.selection.dependsOnPorts && this.#changes.since(pid))
      this.#considerPorts(pid, known);
  }

  /** What is observed already is read again only if it listens on a port that was not known. */
  #considerPorts(pid: number, known: Known): void {
    const { facts } = known;
    if (facts) {
      const ports = readListeningPorts(this.#procRoot, pid, () => this.#tables.of(pid).sockets);
      if (ports.every((port) => facts.listeningPorts.includes(port))) return;
    }
    this.#consider(pid, { newProgram: false });
  }

  #after(delay: number, run: () => void): Timer {
    const { clock } = this.#options;
    const timer = clock.setTimer(clock.now() + delay, () => {
      this.#timers.delete(timer);
      run();
    });
    this.#timers.add(timer);
    return timer;
  }
}
