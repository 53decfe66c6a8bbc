import type { Activity } from '../../receiver/ebpf/exchange.ts';
import type { Finding } from '../report.ts';
import type { FindingKind } from './kind.ts';

/** No request at all was seen: that nothing else is found then says nothing. */
export class NothingSeen implements FindingKind {
  #requests = 0;
  #processes = 0;

  activity({ type }: Activity): void {
    if (type === 'request') this.#requests++;
    else if (type === 'process') this.#processes++;
  }

  findings(): Finding[] {
    if (this.#requests > 0) return [];
    const chosen = this.#processes > 0;
    return [
      {
        code: 'nothing_seen',
        severity: 'problem',
        service: 'spanloom',
        peer: null,
        peer_role: null,
        seen: chosen
          ? `No request was seen, although processes were watched (${this.#processes}).`
          : 'No request was seen, and no process fits what is to be watched.',
        action: chosen
          ? 'Send requests while watching, or watch longer (--for).'
          : 'Check what instrument of the ebpf receiver names: open_ports, exe_path, target_pids and so on.',
        counts: { processes: this.#processes },
        examples: [],
      },
    ];
  }
}
