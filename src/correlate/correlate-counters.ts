import type { Counter, Counters } from '../collector/counters.ts';
import type { Evidence } from './link/rule.ts';

/** What the processor named `id` counts. */
export function correlateCounters(counters: Counters, id: string) {
  const counter = (name: string, more: Record<string, string> = {}): Counter =>
    counters.counter(`spanloom_correlate_${name}`, { processor: id, ...more });
  const links = new Map<Evidence, Counter>();
  return {
    links: (evidence: Evidence) => {
      let number = links.get(evidence);
      if (!number) {
        number = counter('links', { evidence });
        links.set(evidence, number);
      }
      return number;
    },
    /** Zero-code spans that left without a parent because evidence named several. */
    ambiguous: counter('ambiguous'),
    /** SDK spans sent again. */
    duplicates: counter('duplicate_spans'),
    /** Exchanges reported again. */
    duplicateExchanges: counter('duplicate_exchanges'),
    /** SDK spans without a valid trace or span id, which pass untouched. */
    unidentified: counter('unidentified_spans'),
    /** SDK spans that came after their trace had left. */
    late: counter('late_spans'),
    /** Trees that left early because there was too much. */
    pushedOut: counter('pushed_out_trees'),
    /** Exchanges of which nothing is shown. */
    notEmitted: counter('not_emitted', { reason: 'sampled_out_or_unmatched' }),
    /** Exchanges for which the SDK's span stands. */
    merged: counter('merged_exchanges'),
  };
}

export type CorrelateCounters = ReturnType<typeof correlateCounters>;
