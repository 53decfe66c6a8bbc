import { type ContextHeader, contextHeader } from '../../correlate/context.ts';
import type { ExchangeNode } from '../../correlate/node.ts';
import type { Decided } from '../decided.ts';
import type { Finding } from '../report.ts';
import { Tally } from '../tally.ts';
import { count, type FindingKind, type Surroundings } from './kind.ts';

/**
 * A service knows the trace of a request, by the header it came with or by its own SDK, and makes a call for it that carries
 * no context.
 */
export class ContextDropped implements FindingKind {
  readonly #about: Surroundings;
  readonly #edges = new Tally(() => ({ calls: 0, dropped: 0, dropped_by_sdk: 0, unlinked: 0 }));
  /** Services that have sent a context on: a call without one, of which the cause is not known, may be about anything. */
  readonly #forwarding = new Set<string>();
  readonly #headers = new Map<string, Set<ContextHeader>>();

  constructor(about: Surroundings) {
    this.#about = about;
  }

  decided({ exchanges }: Decided): void {
    for (const node of exchanges)
      if (node.exchange.side === 'client' && node.exchange.request?.context !== undefined) this.#call(node);
  }

  findings(): Finding[] {
    return this.#edges.rows().flatMap(({ names, counts, examples }) => {
      const [service, peer] = names as [string, string];
      const unlinked = this.#forwarding.has(service) ? 0 : counts.unlinked;
      const dropped = counts.dropped + unlinked;
      if (dropped === 0) return [];
      const headers = [...(this.#headers.get(service) ?? [])];
      const header = headers.length > 0 ? headers.join(', ') : 'traceparent';
      const bySdk = counts.dropped_by_sdk > 0;
      return [
        {
          code: 'context_dropped',
          severity: 'problem',
          service,
          peer,
          peer_role: 'callee',
          seen:
            `${service} knew the trace of the request (${bySdk ? 'its SDK made spans of it' : `it came with ${header}`}) ` +
            `and called ${peer} without a context: ${dropped} of ${count(counts.calls, 'call')}.`,
          action: bySdk
            ? `Instrument the HTTP client that ${service} uses for these calls, and check that OTEL_PROPAGATORS is not "none".`
            : `Copy ${header} from the request to the calls made for it, or give ${service} an OpenTelemetry SDK.`,
          counts: { calls: counts.calls, dropped, unlinked },
          examples: examples.list,
        },
      ];
    });
  }

  #call(node: ExchangeNode): void {
    const { names, serving } = this.#about;
    const service = names.of(node.exchange.process);
    const row = this.#edges.row(service, names.serverOf(node));
    if (typeof node.context !== 'string') {
      this.#forwarding.add(service);
      row.counts.calls++;
      return;
    }
    if (node.context === 'unknown') return;
    const { cause } = node;
    const known = cause !== undefined && knowsTrace(cause);
    const bySdk = node.sdk !== undefined || (known && cause.sdk !== undefined);
    const assumed = cause === undefined && serving.when(node) === 'serving_traced';
    if (!known && !bySdk && !assumed) return;
    row.counts.calls++;
    if (bySdk) row.counts.dropped_by_sdk++;
    if (known || bySdk) row.counts.dropped++;
    else row.counts.unlinked++;
    row.examples.add(node);
    const header = cause && contextHeader(cause.exchange.request?.context);
    if (header) this.#header(service, header);
  }

  #header(service: string, header: ContextHeader): void {
    const headers = this.#headers.get(service);
    if (headers) headers.add(header);
    else if (this.#headers.size < 1000) this.#headers.set(service, new Set([header]));
  }
}

/** The process can have known the trace of this request. */
function knowsTrace({ context, sdk }: ExchangeNode): boolean {
  return typeof context !== 'string' || sdk !== undefined;
}
