import type { UprobeProgram } from '../capture/programs.ts';
import type { ProcessFacts } from '../process/facts.ts';

/** A program to run at an instruction of an executable file. */
export interface Probe {
  readonly program: UprobeProgram;
  /** Byte in the file. */
  readonly offset: number;
  readonly onReturn?: boolean;
  readonly cookie?: bigint;
}

/** What it takes to see the execution contexts of one process. */
export interface Inspection {
  /** Of `RUNTIME_KIND`. */
  readonly kind: number;
  /** At most four; what they mean is up to the kind. */
  readonly parameters: readonly bigint[];
  /** Path, as this process reaches it, of the file that the probes belong to; it stays in use by the observed process. */
  readonly file: string;
  readonly probes: readonly Probe[];
  /** What can not be seen, and why; in sentences. */
  readonly shortcomings: readonly string[];
}

/** Looks into the program of a process of one runtime. Undefined where its contexts can not be seen at all. */
export type Inspect = (procRoot: string, facts: ProcessFacts) => Promise<Inspection | undefined>;
