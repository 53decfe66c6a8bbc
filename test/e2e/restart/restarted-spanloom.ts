import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ManagedProcess } from '../../../examples/shop/run/managed-process.ts';
import { startSpanloom } from '../../../examples/shop/run/spanloom.ts';
import { readSpans, type Span } from '../../support/otlp-json.ts';
import { type TestPipeline, writeConfig } from '../../support/spanloom-config.ts';

/** How a life of Spanloom ends and the next one begins. SIGHUP is the same process with its configuration read anew. */
export type Ending = 'SIGTERM' | 'SIGKILL' | 'SIGHUP';

/** Spanloom between its start and the signal that ended it; times in milliseconds of Unix time. */
export interface Life {
  readonly readyAt: number;
  readonly endedBy: Ending;
  readonly signalledAt: number;
  readonly spans: readonly Span[];
  /** The counts that it printed at its end, by name and labels; a reload carries them on, a killed process prints none. */
  readonly counts: Readonly<Record<string, number>>;
}

const READY = 'Everything is ready';
const COUNTS = /\tCounts since the start\t(.*)$/m;

/** A Spanloom beside the shop that is restarted while the shop works; each life writes to a file of its own. */
export class RestartedSpanloom {
  readonly #workDir: string;
  readonly #pipeline: Omit<TestPipeline, 'output'>;
  readonly #lives: (Omit<Life, 'spans' | 'counts'> & {
    readonly output: string;
    readonly logFile: string;
  })[] = [];
  #process: ManagedProcess | undefined;
  #logFile = '';
  #output = '';
  #readyAt = 0;

  constructor(workDir: string, pipeline: Omit<TestPipeline, 'output'>) {
    this.#workDir = workDir;
    this.#pipeline = pipeline;
  }

  async start(): Promise<void> {
    const number = this.#lives.length;
    this.#logFile = join(this.#workDir, `spanloom-${number}.log`);
    this.#process = await startSpanloom({ configFile: this.#configure(), logFile: this.#logFile });
    this.#readyAt = Date.now();
  }

  async restart(signal: Ending): Promise<void> {
    if (signal !== 'SIGHUP') {
      await this.stop(signal);
      await this.start();
      return;
    }
    const running = this.#process!;
    const readies = () => running.output().split(READY).length;
    const before = readies();
    this.#end(signal);
    this.#configure();
    process.kill(running.pid, signal);
    await running.until('was ready again', () => readies() > before);
    this.#readyAt = Date.now();
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#end(signal);
    await this.#process!.stop(signal, 40_000);
    const { exit } = this.#process!;
    const expected = signal === 'SIGTERM' ? 'exited with 0' : 'ended by SIGKILL';
    if (exit !== expected) throw this.#process!.failure(exit!);
  }

  /** For a test that fails half-way. */
  async abandon(): Promise<void> {
    await this.#process?.stop('SIGKILL');
  }

  lives(): Life[] {
    return this.#lives.map(({ output, logFile, ...life }) => ({
      ...life,
      spans: readSpans(output),
      counts: countsIn(logFile),
    }));
  }

  #configure(): string {
    this.#output = join(this.#workDir, `traces-${this.#lives.length}.jsonl`);
    return writeConfig(this.#workDir, 'restarted', { ...this.#pipeline, output: this.#output });
  }

  #end(endedBy: Ending): void {
    const [output, logFile, readyAt] = [this.#output, this.#logFile, this.#readyAt];
    this.#lives.push({ readyAt, endedBy, signalledAt: Date.now(), output, logFile });
  }
}

function countsIn(logFile: string): Record<string, number> {
  const counts = COUNTS.exec(readFileSync(logFile, 'utf8'))?.[1];
  return counts === undefined ? {} : JSON.parse(counts);
}
