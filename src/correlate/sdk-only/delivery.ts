import type { Peer } from '../../otlp/batch.ts';
import type { TracesScan } from '../../otlp/traces-scan.ts';

/** Spans as they came, and who brought them. */
export interface Delivery {
  readonly scan: TracesScan;
  readonly peer: Peer | undefined;
  /** Copied out of their requests, with spans of one trace only. */
  readonly own: boolean;
}
