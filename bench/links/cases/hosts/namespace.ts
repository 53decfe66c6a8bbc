import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import type { ManagedProcess, Program } from '../../../../examples/shop/run/managed-process.ts';
import type { Place } from '../../case.ts';

/** For benchmarks of networks (RFC 2544): nobody's addresses. */
const NETWORK = '198.18';

/** One end of a pair of veth, with the other. */
export interface Joined {
  readonly here: string;
  readonly there: string;
}

/** A network namespace, there as long as its process: with it go its interfaces, and their other ends. */
export class Namespace {
  readonly #place: Place;
  readonly #keeper: ManagedProcess;

  private constructor(place: Place, keeper: ManagedProcess) {
    this.#place = place;
    this.#keeper = keeper;
  }

  static async make(place: Place, name: string): Promise<Namespace> {
    const keeper = await place.start({ name, command: 'unshare', args: ['-n', 'sleep', 'infinity'] });
    const ours = readlinkSync('/proc/self/ns/net');
    await keeper.until('had its namespace', () => readlinkSync(`/proc/${keeper.pid}/ns/net`) !== ours);
    const made = new Namespace(place, keeper);
    made.run('ip', 'link', 'set', 'lo', 'up');
    return made;
  }

  /** Runs a command in it. */
  run(command: string, ...args: readonly string[]): void {
    const [outer, ...rest] = this.#enter(command, args);
    execFileSync(outer!, rest, { stdio: ['ignore', 'ignore', 'pipe'] });
  }

  /** Starts a program in it, whose process it is, and waits until that listens on `port`. */
  async start(program: Omit<Program, 'logFile'>, port: number): Promise<ManagedProcess> {
    const [command, ...args] = this.#enter(program.command, program.args);
    const started = await this.#place.start({ ...program, command: command!, args });
    await started.until(`listened on port ${port}`, () => listens(started.pid, port));
    return started;
  }

  /** Joins it by veth with another, or with the one this program runs in. */
  join(other?: Namespace): Joined {
    const [x, y] = [0, 1].map(() => Math.floor(Math.random() * 255));
    const prefix = `${NETWORK}.${x}`;
    const [near, far] = [`sl${process.pid % 10_000}-${x}-${y}a`, `sl${process.pid % 10_000}-${x}-${y}b`];
    const run = (command: string, ...args: readonly string[]) =>
      other
        ? other.run(command, ...args)
        : execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    run('ip', 'link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', String(this.#keeper.pid));
    const joined = { here: `${prefix}.1`, there: `${prefix}.2` };
    run('ip', 'address', 'add', `${joined.here}/30`, 'dev', near);
    run('ip', 'link', 'set', near, 'up');
    this.run('ip', 'address', 'add', `${joined.there}/30`, 'dev', far);
    this.run('ip', 'link', 'set', far, 'up');
    return joined;
  }

  #enter(command: string, args: readonly string[]): string[] {
    return ['nsenter', '-t', String(this.#keeper.pid), '-n', command, ...args];
  }
}

/** Something in the network namespace of `pid` listens on `port`. */
function listens(pid: number, port: number): boolean {
  const local = port.toString(16).toUpperCase().padStart(4, '0');
  const table = `/proc/${pid}/net/tcp`;
  if (!existsSync(table)) return false;
  return readFileSync(table, 'latin1')
    .split('\n')
    .some((line) => new RegExp(`^ *\\d+: [0-9A-F]+:${local} [0-9A-F:]+ 0A `).test(line));
}
