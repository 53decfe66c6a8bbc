import { type ContextHeader, contextHeader } from '../../correlate/context.ts';
import type { ExchangeNode, SdkNode } from '../../correlate/node.ts';
import type { Finding } from '../report.ts';
import { Tally } from '../tally.ts';
import { count, type FindingKind, type Surroundings } from './kind.ts';

/** As `OTEL_PROPAGATORS` names what reads a header. */
const PROPAGATORS: Readonly<Record<ContextHeader, string>> = {
  traceparent: 'tracecontext',
  b3: 'b3',
  sw8: 'that of SkyWalking, which OpenTelemetry has none of',
  'uber-trace-id': 'jaeger',
};

/** A context came in with the request, and the service's SDK began a trace of its own all the same. */
export class ContextIgnored implements FindingKind {
  readonly #about: Surroundings;
  readonly #services = new Tally(() => ({ ignored: 0 }));

  constructor(about: Surroundings) {
    this.#about = about;
    about.strays.matched((request, span) => this.#ignored(request, span));
  }

  findings(): Finding[] {
    return this.#services.rows().map(({ names, counts, examples }) => {
      const [service, caller, header] = names as [string, string, ContextHeader];
      return {
        code: 'context_ignored',
        severity: 'problem',
        service,
        peer: caller,
        peer_role: 'caller',
        seen: `${count(counts.ignored, 'request')} came to ${service} from ${caller} with ${header}, and the SDK of ${service} began a trace of its own for ${counts.ignored === 1 ? 'it' : 'each'}.`,
        action: `Let the SDK of ${service} read ${header}: OTEL_PROPAGATORS has to name ${PROPAGATORS[header]}. If it does, its server instrumentation does not extract the context.`,
        counts: { ignored: counts.ignored },
        examples: examples.list,
      };
    });
  }

  #ignored(request: ExchangeNode, span: SdkNode): void {
    const header = contextHeader(request.exchange.request?.context);
    if (header === undefined) return;
    const row = this.#services.row(
      this.#about.names.ofSpan(span),
      this.#about.names.clientOf(request),
      header,
    );
    row.counts.ignored++;
    row.examples.add(span);
  }
}
