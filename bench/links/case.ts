import type { ManagedProcess, Program } from '../../examples/shop/run/managed-process.ts';
import type { Upstream, UpstreamOptions } from './upstream.ts';

/**
 * One arrangement of programs whose links are judged. It lives in `bench/links/cases/<name>/` with its programs: an object
 * closed with `satisfies LinkCase` in `case.ts`, and one line in `registry.ts`. A folder may hold several.
 *
 * What a program has to do:
 *
 * - It takes HTTP requests that carry a label in the header `x-label` (`label.ts`) and calls out with a label that has the
 *   same number and, as its last character, which call of the request it is (`1`, `2` …; `0` where the program hands the
 *   header on as it is). The label stands where no link rule looks: in `x-label`, in a literal or a bound parameter of
 *   an SQL statement, in an argument of a Redis command.
 * - It records each call itself, before or after it: a line that holds the call's label, in a file of its own in
 *   `place.records` (the directory is in the environment as `RECORDS`). These lines are the denominator. A program that
 *   cannot write them (a proxy) is believed by its access log, or by what its upstream received.
 * - Calls that belong to no request carry a label of their own: `LBL-b00001-1`, `LBL-b00002-1` …
 * - Where requests go to, and what they ask for, is the load's: the path is one of a few hundred, chosen independently of
 *   the label (variant `differ`), or always the same (`equal`). A program that hands a request on asks for the same path.
 */
export interface LinkCase {
  /** Unique; names the rows. Lower case, digits and hyphens. */
  readonly name: string;
  /** One sentence for the page: which program, how it works on requests, what it calls. */
  readonly shows: string;
  readonly variants: readonly [Variant, ...Variant[]];
  /** What must be on this machine; where one is missing the cells are "not tested". */
  readonly needs?: readonly Need[];
  /** Calls that each request makes, on the average: how many requests it takes for the calls asked for. Default 1. */
  readonly callsPerRequest?: number;
  /** Calls of its recorded captures, where the usual 500 are too few for a process to have earned belief. */
  readonly fixtureCalls?: number;
  /** Programs and their versions, for the page: `Python 3.11.2`. */
  versions(): string;
  /** Builds and installs what the case runs into `cache` (kept between runs); quick when nothing changed. */
  prepare?(cache: string): Promise<void> | void;
  /** Starts everything; resolves when requests can be sent. What `place` started is ended by the harness. */
  start(place: Place): Promise<Running>;
}

export interface Variant {
  /** Whether requests ask for one of a few hundred paths, or all for the same. */
  readonly targets: 'differ' | 'equal';
  /** Default: that of `targets`. */
  readonly name?: string;
  /**
   * Why a recall of 99 % is not asked: the context is known to the runtime alone, or nothing tells requests apart. Wrong
   * links stay at most 0.1 % all the same.
   */
  readonly recallNotAsked?: string;
}

/** A program: a name to be found on PATH, or a path. */
export interface Need {
  readonly program: string;
  /** How to get it: `Debian package nginx`. */
  readonly from: string;
}

/** Where a case is started: everything it needs from the harness. */
export interface Place {
  /** An empty folder that other accounts may enter. */
  readonly workDir: string;
  /** The folder of programs' records in it. */
  readonly records: string;
  /** What `prepare` filled. */
  readonly cache: string;
  readonly variant: Variant;
  /** Requests at a time. */
  readonly concurrency: number;
  ports(count: number): Promise<number[]>;
  /**
   * Starts a program with `RECORDS` in its environment and, when `listensOn` is given, waits until something listens
   * there. It is ended, with its descendants, after the run.
   */
  start(program: Omit<Program, 'logFile'>, listensOn?: number): Promise<ManagedProcess>;
  /** A new HTTP server that answers after a short random time; inside the harness, never observed. */
  upstream(options?: UpstreamOptions): Promise<Upstream>;
  /** Called after the run, the last given first. */
  onStop(stop: () => Promise<void> | void): void;
}

/** A started case. */
export interface Running {
  /**
   * The `ebpf` receiver's `instrument` list: whose links are judged. `observe.ts` has the usual ones. The capture is
   * host-wide: choose by pid, or by a port that `place.ports` gave.
   */
  readonly instrument: readonly Readonly<Record<string, unknown>>[];
  /** Sends all requests; `load/` has the usual ones. */
  readonly load: Load;
  /** Labels of the calls made so far; default: every label in the files of `place.records`. */
  calls?(): readonly string[];
  /** How long the capture is given to choose processes, and look into their programs, milliseconds. Default 300. */
  readonly selectionMs?: number;
  /** How long the capture goes on after the last call, milliseconds; more for SDKs that export late. Default 300. */
  readonly settleMs?: number;
  /**
   * Labels, by now, of calls for requests whose trace no SDK keeps: nothing is to be shown of them, and they do not count as
   * calls. Default: none.
   */
  sampledOut?(): readonly string[];
  /**
   * Ports on which the capture takes OTLP of SDKs meanwhile. It begins before the first request then, and there is no
   * warming up: SDKs that find nobody to export to wait longer and longer.
   */
  readonly otlp?: { readonly grpc: number; readonly http: number };
  /** A second host. What is judged then is whether its requests hang where the calls of this one are. */
  readonly far?: FarHost;
  /** The `correlate` section, where it is not the default; SDKs need `overlap: nest`, so that every exchange is shown. */
  readonly correlate?: Readonly<Record<string, unknown>>;
}

/** A host that a Spanloom of its own watches, whose clock is 200 ms ahead. */
export interface FarHost {
  /** As `Running.instrument`, of the processes there. */
  readonly instrument: Running['instrument'];
  /** How the two can meet; by default in memory, when their recordings are replayed together. */
  readonly rendezvous?: Readonly<Record<string, unknown>>;
  /** What is right for a request there: under the very call, or, where only a header can tell, in its trace. */
  readonly right: 'under the call' | 'in its trace';
}

export interface LabelledRequest {
  readonly label: string;
  readonly path: string;
}

export interface Job {
  readonly requests: readonly LabelledRequest[];
  /** How many are under way at a time. */
  readonly concurrency: number;
  /** Aborted when the cell's time is over. */
  readonly signal: AbortSignal;
}

/** Rejects when a request fails that should not. */
export type Load = (job: Job) => Promise<void>;
