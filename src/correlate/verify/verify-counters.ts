import type { Counters } from '../../collector/counters.ts';
import type { Judgement, TrackRecord } from './track-record.ts';
import type { Verified } from './verify.ts';

/** What verification counts for the processor named `id`. */
export class VerifyCounters {
  readonly #counters: Counters;
  readonly #id: string;

  constructor(counters: Counters, id: string) {
    this.#counters = counters;
    this.#id = id;
  }

  judged(service: string, evidence: Verified, judgement: Judgement, record: TrackRecord): void {
    const labels = { processor: this.#id, service, evidence };
    this.#counters.counter(`spanloom_correlate_verify_${judgement}`, labels).value++;
    this.#gauge('precision', labels, record.precision);
    this.#gauge('recall', labels, record.recall);
    this.#gauge('off', labels, record.off ? 1 : 0);
  }

  /** What is not known yet is not shown. */
  #gauge(name: string, labels: Readonly<Record<string, string>>, value: number): void {
    if (!Number.isNaN(value)) this.#counters.gauge(`spanloom_correlate_verify_${name}`, labels).value = value;
  }
}
