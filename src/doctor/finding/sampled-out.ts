import type { ExchangeNode } from '../../correlate/node.ts';
import { OUTSIDE } from '../../observe/service-names.ts';
import type { Decided } from '../decided.ts';
import type { Finding } from '../report.ts';
import { Tally } from '../tally.ts';
import { count, type FindingKind, type Surroundings } from './kind.ts';

/** A service says "not sampled" in the context it sends: of traces it begins, or against what came in. */
export class SampledOut implements FindingKind {
  readonly #about: Surroundings;
  readonly #services = new Tally(() => ({ decided: 0, sampled_out: 0, against_caller: 0 }));

  constructor(about: Surroundings) {
    this.#about = about;
  }

  decided(decided: Decided): void {
    for (const node of decided.exchanges) {
      if (typeof node.context === 'string') continue;
      if (node.exchange.side === 'client') this.#call(node, node.context.sampled, decided);
      else if (!node.peer) this.#count(OUTSIDE, node, node.context.sampled, false);
    }
  }

  findings(): Finding[] {
    return this.#services.rows().flatMap(({ names, counts, examples }) => {
      const [service] = names as [string];
      if (counts.sampled_out === 0) return [];
      const against = counts.against_caller > 0;
      return [
        {
          code: 'sampled_out',
          severity: against ? 'problem' : 'notice',
          service,
          peer: null,
          peer_role: null,
          seen:
            `${service === OUTSIDE ? 'Callers that are not watched' : service} said "not sampled" with ${counts.sampled_out} of ${count(counts.decided, 'call')} that carried a context` +
            (against
              ? `, ${counts.against_caller} of them for requests that came in as sampled: such traces break off there.`
              : '. Of such traces nothing is shown, zero-code spans included.'),
          action: against
            ? `Set OTEL_TRACES_SAMPLER of ${service} to a parentbased_… sampler.`
            : 'If that is more than intended, change the sampler (OTEL_TRACES_SAMPLER) where the trace begins.',
          counts: { ...counts },
          examples: examples.list,
        },
      ];
    });
  }

  #call(node: ExchangeNode, sampled: boolean, decided: Decided): void {
    const incoming = decided.incomingOfTrace(node);
    const wasSampled = incoming.some(({ context }) => typeof context !== 'string' && context.sampled);
    if (incoming.length > 0 && !wasSampled) return;
    if (incoming.length > 0 && sampled) return;
    this.#count(this.#about.names.of(node.exchange.process), node, sampled, incoming.length > 0);
  }

  #count(service: string, node: ExchangeNode, sampled: boolean, againstCaller: boolean): void {
    const { counts, examples } = this.#services.row(service);
    counts.decided++;
    if (sampled) return;
    counts.sampled_out++;
    if (againstCaller) counts.against_caller++;
    examples.add(node);
  }
}
