import type { Finding } from '../report.ts';
import { count, type FindingKind, type Surroundings } from './kind.ts';

/** The capture itself has lost something: everything else that is said here may be incomplete. */
export class CaptureLost implements FindingKind {
  readonly #about: Surroundings;

  constructor(about: Surroundings) {
    this.#about = about;
  }

  findings(): Finding[] {
    const lost = this.#sum('spanloom_ebpf_lost_events');
    const refused = this.#sum('otelcol_receiver_refused_spans');
    const cut = this.#sum('spanloom_ebpf_incomplete_exchanges', 'gap');
    const messages = this.#sum('spanloom_ebpf_messages');
    const pushedOut = this.#sum('spanloom_correlate_pushed_out_trees');
    return [
      ...this.#finding(lost > 0, 'events_lost', 'problem', { lost, messages }, [
        `The kernel had no room for ${count(lost, 'record')} (${count(messages, 'message')} came through): some requests were not seen, or not to their end.`,
        'Raise ring_buffer_mib of ebpf, or watch fewer processes.',
      ]),
      ...this.#finding(cut > 0, 'exchanges_cut', 'notice', { cut }, [
        `The end of ${count(cut, 'exchange')} was hidden by bytes that were not captured.`,
        'Their spans carry spanloom.incomplete=gap. Zero-copy sends and splice are seen by their length only.',
      ]),
      ...this.#finding(refused > 0, 'exchanges_refused', 'problem', { refused }, [
        `${count(refused, 'captured exchange')} found the next stage too slow and were dropped.`,
        'Give Spanloom more CPU, or watch fewer processes.',
      ]),
      ...this.#finding(pushedOut > 0, 'traces_pushed_out', 'problem', { pushed_out: pushedOut }, [
        `${count(pushedOut, 'trace')} left before their time because too much was held, so that later spans of theirs may be placed wrongly or not at all.`,
        'Raise max_spans or max_bytes_mib of correlate.',
      ]),
    ];
  }

  #finding(
    found: boolean,
    code: string,
    severity: Finding['severity'],
    counts: Finding['counts'],
    [seen, action]: readonly [seen: string, action: string],
  ): Finding[] {
    return found
      ? [
          {
            code,
            severity,
            service: 'spanloom',
            peer: null,
            peer_role: null,
            seen,
            action,
            counts,
            examples: [],
          },
        ]
      : [];
  }

  #sum(metric: string, reason?: string): number {
    let sum = 0;
    for (const { name, attributes, value } of this.#about.counters.entries())
      if (name === metric && (reason === undefined || attributes.reason === reason)) sum += value;
    return sum;
  }
}
