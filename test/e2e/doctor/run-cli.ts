import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

/** What a command of Spanloom wrote, and how it ended. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const CLI = join(import.meta.dirname, '../../../dist/cli.js');

/** A command of Spanloom that runs to its end. */
export class CliRun {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  #stdout = '';
  #stderr = '';

  constructor(...args: readonly string[]) {
    const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode) => resolve({ exitCode, stdout: this.#stdout, stderr: this.#stderr }));
    });
  }

  /** Resolves when the command has written this to standard error. */
  async saidOnStderr(text: string): Promise<void> {
    const said = new Promise<void>((resolve) => {
      const look = () => {
        if (this.#stderr.includes(text)) resolve();
      };
      this.#child.stderr!.on('data', look);
      look();
    });
    const early = this.ended.then(({ stderr }) => {
      if (!stderr.includes(text)) throw new Error(`ended before it said ${JSON.stringify(text)}: ${stderr}`);
    });
    await Promise.race([said, early]);
  }

  stop(): void {
    this.#child.kill('SIGTERM');
  }
}

/** Runs a command of Spanloom to its end. */
export function runCli(...args: readonly string[]): Promise<Ended> {
  return new CliRun(...args).ended;
}
