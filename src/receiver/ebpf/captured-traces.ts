import type { Traces } from '../../otlp/batch.ts';
import type { Activity } from './exchange.ts';

/**
 * What the eBPF receiver hands on after each drain: everything observed threads did, in order.
 *
 * It is also an ordinary batch: the exchanges that ended in it, each as a span of its own, so that a pipeline
 * without `correlate` still gets zero-code spans.
 */
export interface CapturedTraces extends Traces {
  readonly activities: readonly Activity[];
}

export function isCapturedTraces(batch: Traces): batch is CapturedTraces {
  return 'activities' in batch;
}
