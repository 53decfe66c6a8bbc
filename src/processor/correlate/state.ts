import type { Correlator } from '../../correlate/correlator.ts';

/** What the traces, logs and metrics pipelines that name one `correlate` component share. */
export interface CorrelateState {
  /** The traces side's, once there is one. */
  correlator: Correlator | undefined;
}
