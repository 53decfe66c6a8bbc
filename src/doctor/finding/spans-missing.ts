import { pathOf } from '../../correlate/join/sdk-content.ts';
import { isIncoming } from '../../correlate/kind.ts';
import type { ExchangeNode, SdkNode } from '../../correlate/node.ts';
import type { Decided } from '../decided.ts';
import type { Finding } from '../report.ts';
import { Tally } from '../tally.ts';
import { count, type FindingKind, type Surroundings } from './kind.ts';

const TARGETS = 3;

/** A service with an SDK got requests of which its SDK delivered no span. */
export class SpansMissing implements FindingKind {
  readonly #about: Surroundings;
  readonly #services = new Tally(() => ({
    requests: 0,
    missing_sampled: 0,
    missing_undecided: 0,
    unmatched_spans: 0,
  }));
  readonly #targets = new Map<string, Set<string>>();
  readonly #missing = new WeakSet<ExchangeNode>();
  readonly #spans = new WeakSet<SdkNode>();

  constructor(about: Surroundings) {
    this.#about = about;
    about.strays.matched((request, span) => this.#explained(request, span));
  }

  decided({ exchanges, spans, complete }: Decided): void {
    if (!complete) return;
    for (const span of spans) if (isUnmatched(span)) this.#unmatched(span);
    for (const node of exchanges)
      if (node.exchange.side === 'server' && this.#shouldHaveSpan(node)) this.#request(node);
  }

  findings(): Finding[] {
    return this.#services.rows().flatMap(({ names, counts, examples }) => {
      const [service] = names as [string];
      // Some of these spans may be of these requests, and only not be told apart.
      const undecided = Math.max(0, counts.missing_undecided - counts.unmatched_spans);
      const missing = counts.missing_sampled + undecided;
      if (missing === 0) return [];
      const targets = [...(this.#targets.get(service) ?? [])].join(', ');
      const certain = counts.missing_sampled > 0;
      return [
        {
          code: 'spans_missing',
          severity: certain ? 'problem' : 'notice',
          service,
          peer: null,
          peer_role: null,
          seen:
            `The SDK of ${service} delivered no span of ${missing} of ${count(counts.requests, 'request')} (${targets})` +
            (certain
              ? `, although ${counts.missing_sampled} of them came in as sampled.`
              : '. No header says whether they were sampled.'),
          action: certain
            ? `Look in the log of ${service} for spans its exporter dropped (queue full, time-out), and whether all its server ports are instrumented.`
            : `If ${service} samples, or leaves these paths out on purpose, nothing is wrong; else look in its log for spans its exporter dropped.`,
          counts: { ...counts },
          examples: examples.list,
        },
      ];
    });
  }

  /** Its process has an SDK, its protocol carries contexts, and nobody said that it is not sampled. */
  #shouldHaveSpan({ exchange, context }: ExchangeNode): boolean {
    if (exchange.request?.context === undefined || !this.#about.instrumented(exchange.process)) return false;
    return typeof context === 'string' || context.sampled;
  }

  #request(node: ExchangeNode): void {
    const service = this.#about.names.of(node.exchange.process);
    const { counts, examples } = this.#services.row(service);
    counts.requests++;
    if (node.sdk) return;
    counts[missingAs(node)]++;
    this.#missing.add(node);
    examples.add(node);
    const { operation, target } = node.exchange.request!;
    this.#target(service, `${operation ?? '?'} ${pathOf(target) ?? '?'}`);
  }

  #target(service: string, target: string): void {
    const targets = this.#targets.get(service);
    if (!targets) {
      if (this.#targets.size < 1000) this.#targets.set(service, new Set([target]));
    } else if (targets.size < TARGETS) targets.add(target);
    else if (!targets.has(target)) targets.add('…');
  }

  #unmatched(span: SdkNode): void {
    this.#spans.add(span);
    this.#countsOf(span).unmatched_spans++;
  }

  #countsOf(span: SdkNode): { unmatched_spans: number } {
    return this.#services.row(this.#about.names.ofSpan(span)).counts;
  }

  /** There is a span, of another trace. */
  #explained(request: ExchangeNode, span: SdkNode): void {
    if (this.#spans.delete(span)) this.#countsOf(span).unmatched_spans--;
    if (!this.#missing.delete(request)) return;
    const { counts, examples } = this.#services.row(this.#about.names.of(request.exchange.process));
    counts[missingAs(request)]--;
    examples.remove(request);
  }
}

/** It is about a request, and it is not known which. */
function isUnmatched({ kind, describes, linkedTo }: SdkNode): boolean {
  return isIncoming(kind) && !describes && !linkedTo;
}

function missingAs({ context }: ExchangeNode): 'missing_sampled' | 'missing_undecided' {
  return typeof context === 'string' ? 'missing_undecided' : 'missing_sampled';
}
