import type { Nanos } from '../collector/clock.ts';
import type { Evidence } from './link/rule.ts';
import type { VerifyOptions } from './verify/verify.ts';

/** How the merge behaves; the processor's configuration, validated. */
export interface CorrelateOptions {
  /** How long a tree is held after its outermost exchange has ended: SDKs export every 5 s. */
  readonly decisionWait: Nanos;
  /** How long a tree may be held in all, exchanges still open included. */
  readonly maxAge: Nanos;
  /** How long what was decided is remembered for spans that come late. */
  readonly lateWindow: Nanos;
  /** Spans and exchanges held or remembered at a time. */
  readonly maxSpans: number;
  /** Bytes of SDK spans held at a time. */
  readonly maxBytes: number;
  /** Of an SDK span and the exchange it describes: `enrich` keeps the SDK's with the kernel's facts, `nest` keeps both. */
  readonly overlap: 'enrich' | 'nest';
  /** SDK spans of another trace in the same chain: `rewrite` gives them its id, `link` leaves them and links. */
  readonly traceConflict: 'rewrite' | 'link';
  readonly unmatched: 'keep' | 'drop';
  /** Checks links against what the wire and SDKs tell; undefined: not at all. */
  readonly verify: VerifyOptions | undefined;
  /** The kinds of evidence to use. */
  readonly evidence: ReadonlySet<Evidence>;
}
