import { type Nanos, SECOND } from '../../collector/clock.ts';
import type { SdkNode } from '../../correlate/node.ts';
import type { SpanFate } from '../../correlate/observer.ts';
import type { Finding } from '../report.ts';
import { Tally } from '../tally.ts';
import { count, type FindingKind, type Surroundings } from './kind.ts';

/** An SDK delivers spans later after their end than traces are held for them. */
export class ExportLate implements FindingKind {
  readonly #about: Surroundings;
  readonly #services = new Tally(() => ({ spans: 0, late: 0, longest_ms: 0 }));

  constructor(about: Surroundings) {
    this.#about = about;
  }

  spanReceived(span: SdkNode, fate: SpanFate, at: Nanos): void {
    // What ended before the watch began may have waited for somebody to listen.
    if (fate === 'duplicate' || fate === 'unidentified' || span.end < this.#about.since) return;
    const service = this.#about.names.ofSpan(span);
    const { counts, examples } = this.#services.row(service);
    counts.spans++;
    const delay = at - span.end;
    if (delay <= this.#about.options.decisionWait) return;
    counts.late++;
    counts.longest_ms = Math.max(counts.longest_ms, Math.round(delay / 1e6));
    examples.add(span);
  }

  findings(): Finding[] {
    const wait = `${this.#about.options.decisionWait / SECOND} s`;
    return this.#services.rows().flatMap(({ names, counts, examples }) => {
      const [service] = names as [string];
      if (counts.late === 0) return [];
      return [
        {
          code: 'export_late',
          severity: 'problem',
          service,
          peer: null,
          peer_role: null,
          seen: `The SDK of ${service} delivered ${counts.late} of ${count(counts.spans, 'span')} later than decision_wait (${wait}) after they had ended: up to ${seconds(counts.longest_ms)}.`,
          action: `Shorten OTEL_BSP_SCHEDULE_DELAY of ${service}, or raise decision_wait of correlate above the delay. Late spans are placed under what has left by then.`,
          counts: { ...counts },
          examples: examples.list,
        },
      ];
    });
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
