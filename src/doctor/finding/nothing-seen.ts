import type { Activity, Process } from '../../receiver/ebpf/exchange.ts';
import type { Finding } from '../report.ts';
import type { FindingKind } from './kind.ts';

/** No request at all was seen: that nothing else is found then says nothing. */
export class NothingSeen implements FindingKind {
  #requests = 0;
  readonly #processes = new Set<Process>();

  activity(activity: Activity): void {
    if (activity.type === 'request') this.#requests++;
    else if (activity.type === 'process') this.#processes.add(activity.process);
  }

  findings(): Finding[] {
    if (this.#requests > 0) return [];
    const chosen = this.#processes.size > 0;
    return [
      {
        code: 'nothing_seen',
        severity: 'problem',
        service: 'spanloom',
        peer: null,
        peer_role: null,
        seen: chosen
          ? `No request was seen, although processes were watched (${this.#processes.size}).`
          : 'No request was seen, and no process fits what is to be watched.',
        action: chosen
          ? 'Send requests while watching, or watch longer (--for).'
          : 'Check what instrument of the ebpf receiver names: open_ports, exe_path, target_pids and so on.',
        counts: { processes: this.#processes.size },
        examples: [],
      },
    ];
  }
}
