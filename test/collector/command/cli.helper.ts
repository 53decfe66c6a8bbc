import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));

/** The command line as a process of its own. */
export class Cli {
  readonly child: ChildProcessWithoutNullStreams;
  stdout = '';
  stderr = '';
  readonly #changed: (() => void)[] = [];

  constructor(args: readonly string[], env: Record<string, string> = {}) {
    this.child = spawn(process.execPath, ['--import', 'tsx', CLI, ...args], {
      env: { ...process.env, ...env },
    });
    this.child.stdout.on('data', (data) => this.#add('stdout', data));
    this.child.stderr.on('data', (data) => this.#add('stderr', data));
    this.child.on('exit', () => this.#add('stderr', ''));
  }

  /** Exit code, or the name of the signal that ended the process. */
  async exit(): Promise<number | string> {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
    return child.exitCode ?? child.signalCode!;
  }

  /** Resolves when standard error has `text` in it, `times` times. */
  async says(text: string, times = 1): Promise<void> {
    while (this.stderr.split(text).length <= times) {
      if (this.child.exitCode !== null) throw new Error(`ended without saying "${text}":\n${this.stderr}`);
      await new Promise<void>((resolve) => {
        this.#changed.push(resolve);
      });
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  #add(stream: 'stdout' | 'stderr', data: unknown): void {
    this[stream] += String(data);
    for (const resolve of this.#changed.splice(0)) resolve();
  }
}
