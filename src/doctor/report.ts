import type { ContextHeader } from '../correlate/context.ts';

/** Of the shape below; raised when a field changes its meaning or goes. */
export const REPORT_VERSION = 1;

/** What a doctor has seen, as `--format json` writes it; see docs/doctor.md. */
export interface Report {
  readonly version: typeof REPORT_VERSION;
  /** The recording that was replayed; null where it was watched live. */
  readonly recording: string | null;
  /** RFC 3339. */
  readonly from: string;
  readonly seconds: number;
  /** There is no finding of severity `problem`. */
  readonly healthy: boolean;
  readonly services: readonly ServiceRow[];
  readonly edges: readonly EdgeRow[];
  /** Problems first. */
  readonly findings: readonly Finding[];
}

export interface ServiceRow {
  readonly service: string;
  readonly processes: number;
  readonly runtimes: readonly string[];
  /** Requests that were seen to come in. */
  readonly requests: number;
  readonly sdk_spans: number;
}

/** Calls of one service to another by one protocol. */
export interface EdgeRow {
  /** `outside` where the caller is not watched. */
  readonly client: string;
  /** Address and port where the callee is not watched. */
  readonly server: string;
  readonly protocol: string;
  readonly calls: number;
  /** Calls that carried a context, by the header that did. */
  readonly context: Readonly<Partial<Record<ContextHeader, number>>>;
  /** Calls that carried none. */
  readonly no_context: number;
  /** Calls whose headers were not captured to their end. */
  readonly context_unknown: number;
  /** Calls of protocols that have no place for a context. */
  readonly context_impossible: number;
  /** Of the calls with a context, those that say "not sampled". */
  readonly not_sampled: number;
}

export type Severity = 'problem' | 'notice';

/** Something that is wrong, or that limits what can be known. */
export interface Finding {
  /** Stable. */
  readonly code: string;
  readonly severity: Severity;
  readonly service: string;
  /** The service at the other end of the call, where the finding is about one way. */
  readonly peer: string | null;
  /** Whether the peer calls the service or is called by it. */
  readonly peer_role: 'caller' | 'callee' | null;
  /** What was seen, in a sentence or two. */
  readonly seen: string;
  /** What to do about it. */
  readonly action: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly examples: readonly Example[];
}

/** A span to look at: its ids as they leave the pipeline. */
export interface Example {
  readonly trace_id: string;
  readonly span_id: string;
}
