import type { Logger } from 'pino';
import { SpanloomError } from '../../../error.ts';
import type { RuntimeEntry } from '../capture/programs.ts';
import type { ProcessFacts, Runtime } from '../process/facts.ts';
import { AttachedFiles, type Attaches } from './attached-files.ts';
import { inspectGo } from './go/inspect.ts';
import type { Inspect, Inspection } from './inspection.ts';
import { inspectPython } from './python/inspect.ts';

/** Who looks into the programs of which runtime. */
type Inspectors = Partial<Record<Runtime, Inspect>>;

const INSPECTORS: Inspectors = { go: inspectGo, python: inspectPython };

interface Capture extends Attaches {
  setRuntime(pid: number, entry: RuntimeEntry): void;
  forgetRuntime(pid: number): void;
}

export interface RuntimeContextsOptions {
  readonly procRoot: string;
  readonly capture: Capture;
  readonly logger: Logger;
  /** Default: those there are. */
  readonly inspect?: Inspectors;
}

/** Makes the kernel side see what runtimes run in the observed processes: goroutines, contexts of asyncio tasks. */
export class RuntimeContexts {
  readonly #options: RuntimeContextsOptions;
  readonly #files: AttachedFiles;
  /** Observed processes with such a runtime, and the look into each. */
  readonly #known = new Map<number, { readonly startTime: number; readonly runtime: Runtime }>();
  readonly #said = new Set<string>();

  constructor(options: RuntimeContextsOptions) {
    this.#options = options;
    this.#files = new AttachedFiles(options.capture);
  }

  /** The process is observed; may be said again. Looking into its program takes a moment and does not keep anybody. */
  selected(facts: ProcessFacts): void {
    const { pid, startTime, runtime } = facts;
    const before = this.#known.get(pid);
    if (before?.startTime === startTime && before.runtime === runtime) return;
    if (before) this.deselected(pid);
    const inspect = (this.#options.inspect ?? INSPECTORS)[runtime];
    if (!inspect) return;
    const known = { startTime, runtime };
    this.#known.set(pid, known);
    inspect(this.#options.procRoot, facts).then(
      (inspection) => {
        if (inspection && this.#known.get(pid) === known) this.#found(facts, inspection);
      },
      (error: unknown) => this.#failed(facts, error),
    );
  }

  /** The process ended, is not observed any longer, or runs another program. */
  deselected(pid: number): void {
    if (!this.#known.delete(pid)) return;
    this.#options.capture.forgetRuntime(pid);
    this.#files.release(pid);
  }

  close(): void {
    this.#known.clear();
    this.#files.close();
  }

  #found(facts: ProcessFacts, inspection: Inspection): void {
    for (const shortcoming of inspection.shortcomings) this.#say(facts, shortcoming);
    this.#options.capture.setRuntime(facts.pid, inspection);
    try {
      this.#files.use(facts.pid, inspection);
    } catch (error) {
      this.#failed(facts, error);
    }
  }

  #failed(facts: ProcessFacts, error: unknown): void {
    const code = error instanceof SpanloomError ? error.code : undefined;
    this.#say(facts, `which request a call is for can not be told. ${(error as Error).message}`, code);
  }

  /** Once for each program: all of its processes are alike. */
  #say({ executablePath }: ProcessFacts, message: string, code?: string): void {
    const line = `${executablePath}: ${message}`;
    if (this.#said.has(line)) return;
    this.#said.add(line);
    this.#options.logger.warn(code === undefined ? {} : { code }, line);
  }
}
