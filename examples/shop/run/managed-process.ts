import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Program {
  /** For messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment except PATH, HOME and LANG, which are handed on. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Standard output and error go to this file. */
  readonly logFile: string;
  /** Standard output goes where this program's goes. */
  readonly showOutput?: boolean;
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
}

const LOG_TAIL = 2000;

function environment(env: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { PATH, HOME, LANG } = process.env;
  return { ...(PATH && { PATH }), ...(HOME && { HOME }), ...(LANG && { LANG }), ...env };
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill();
});

/** A program started in the background, stopped by its pid; at the latest when this program ends. */
export class ManagedProcess {
  readonly #program: Program;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #exit: string | undefined;

  constructor(program: Program) {
    this.#program = program;
    const log = openSync(program.logFile, 'a');
    this.#child = spawn(program.command, program.args, {
      env: environment(program.env),
      stdio: ['ignore', program.showOutput ? 'inherit' : log, log],
      ...(program.cwd && { cwd: program.cwd }),
      ...program.user,
    });
    closeSync(log);
    running.add(this.#child);
    this.#exited = new Promise((resolve) => {
      const ended = (how: string) => {
        this.#exit ??= how;
        running.delete(this.#child);
        resolve();
      };
      this.#child.once('error', (error) => ended(`could not be started: ${error.message}`));
      this.#child.once('exit', (code, signal) =>
        ended(signal ? `ended by ${signal}` : `exited with ${code}`),
      );
    });
  }

  get name(): string {
    return this.#program.name;
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw this.failure('was not started');
    return this.#child.pid;
  }

  /** How the program ended; undefined while it runs. */
  get exit(): string | undefined {
    return this.#exit;
  }

  /** Everything written to the log file so far. */
  output(): string {
    return readFileSync(this.#program.logFile, 'utf8');
  }

  /** An error that says what this program wrote last. */
  failure(what: string): Error {
    return new Error(`${this.name} ${what}; its last output:\n${this.output().slice(-LOG_TAIL)}`);
  }

  /** Resolves when `ready` is true; rejects when the program ends before or `timeoutMs` pass. */
  async until(what: string, ready: () => boolean | Promise<boolean>, timeoutMs = 30_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!(await ready())) {
      if (this.#exit !== undefined) throw this.failure(`${this.#exit} before it ${what}`);
      if (Date.now() > deadline) throw this.failure(`has not ${what} within ${timeoutMs} ms`);
      await sleep(20);
    }
  }

  /** Resolves when something accepts connections on `port` of 127.0.0.1. */
  listening(port: number): Promise<void> {
    return this.until(`listened on port ${port}`, () => accepts(port));
  }

  /** Resolves when the program has ended by itself; rejects when that was not with exit code 0. */
  async finished(): Promise<void> {
    await this.#exited;
    if (this.#exit !== 'exited with 0') throw this.failure(this.#exit!);
  }

  /** Asks the program to end, insists after `patienceMs`, and resolves when it is gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', patienceMs = 10_000): Promise<void> {
    if (this.#exit !== undefined) return;
    this.#child.kill(signal);
    const insist = setTimeout(() => this.#child.kill('SIGKILL'), patienceMs);
    await this.#exited;
    clearTimeout(insist);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Runs a program to its end; rejects, with what it wrote, when it fails. */
export async function run(program: Program): Promise<void> {
  await new ManagedProcess(program).finished();
}
