import { isIncoming } from '../../correlate/kind.ts';
import type { ExchangeNode, SdkNode } from '../../correlate/node.ts';
import type { Decided } from '../decided.ts';
import type { Finding } from '../report.ts';
import { Tally } from '../tally.ts';
import { count, type FindingKind, type Surroundings } from './kind.ts';

/** A chain of services without SDK longer than this is not followed to its beginning. */
const MAX_HOPS = 64;

/** A service's SDK begins a trace of its own because no context reached it, although a service before it has a trace. */
export class TraceRestarted implements FindingKind {
  readonly #about: Surroundings;
  readonly #services = new Tally(() => ({ restarted: 0 }));
  readonly #requests = new Map<string, number>();

  constructor(about: Surroundings) {
    this.#about = about;
  }

  decided({ spans }: Decided): void {
    for (const span of spans) if (isIncoming(span.kind)) this.#incoming(span);
  }

  findings(): Finding[] {
    return this.#services.rows().map(({ names, counts, examples }) => {
      const [service, caller, loser] = names as [string, string, string];
      const requests = this.#requests.get(service) ?? counts.restarted;
      const from = caller === loser ? caller : `${caller}, which got none from ${loser}`;
      return {
        code: 'trace_restarted',
        severity: 'problem',
        service,
        peer: caller,
        peer_role: 'caller',
        seen:
          `The SDK of ${service} began a trace of its own for ${counts.restarted} of ${count(requests, 'request')}: ` +
          `no context came with ${counts.restarted === 1 ? 'it' : 'them'} from ${from}, although the caller's request belongs to a trace.`,
        action:
          `Nothing is wrong in ${service}: make ${loser} pass the context on (see context_dropped). ` +
          'Until then Spanloom joins the traces; the old id is kept in spanloom.original_trace_id.',
        counts: { requests, restarted: counts.restarted },
        examples: examples.list,
      };
    });
  }

  #incoming(span: SdkNode): void {
    const exchange = span.describes ?? span.linkedTo;
    if (exchange?.exchange.side !== 'server') return;
    const { names } = this.#about;
    const service = names.ofSpan(span);
    if (this.#requests.has(service) || this.#requests.size < 1000)
      this.#requests.set(service, (this.#requests.get(service) ?? 0) + 1);
    if (span.parentSpanId !== '' || typeof exchange.context !== 'string') return;
    const loser = lostBy(exchange, span.traceId);
    if (loser === undefined) return;
    const caller = names.clientOf(exchange);
    const row = this.#services.row(service, caller, names.of(loser.exchange.process));
    row.counts.restarted++;
    row.examples.add(span);
  }
}

/** The request, upstream of this one, that was of another trace and whose call carried no context. */
function lostBy(exchange: ExchangeNode, traceId: string): ExchangeNode | undefined {
  let call = exchange.peer;
  for (let hops = 0; call !== undefined && hops < MAX_HOPS; hops++) {
    if (call.sdk) return call.sdk.traceId === traceId ? undefined : call;
    const cause: ExchangeNode | undefined = call.cause;
    if (cause === undefined) return undefined;
    const known =
      cause.sdk?.traceId ?? (typeof cause.context === 'string' ? undefined : cause.context.traceId);
    if (known !== undefined) return known === traceId ? undefined : cause;
    call = cause.peer;
  }
  return undefined;
}
