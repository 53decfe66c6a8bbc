import type { Activity } from '../../receiver/ebpf/exchange.ts';
import type { RequestContext } from '../context.ts';
import type { ExchangeNode } from '../node.ts';
import { OpenRequests } from './open-requests.ts';
import type { LinkRule, Verdict } from './rule.ts';
import type { Silence } from './silence.ts';

/**
 * The call carries, unchanged, the context that came in on an open server exchange of its process: a proxy forwards
 * `traceparent` as it is. Exact however the program schedules its work, unless two open requests carry the same
 * context (a retry, a redirect): then other evidence has to tell between those two.
 */
export class ForwardedContext implements LinkRule {
  readonly evidence = 'forwarded_context';
  readonly #open = new OpenRequests((node) => contextKeys(node.context));

  observe(activity: Activity, node: ExchangeNode | undefined): void {
    this.#open.observe(activity, node);
  }

  cause(client: ExchangeNode): Verdict {
    const [key] = contextKeys(client.context);
    return key === undefined ? undefined : this.#open.verdict(client.exchange.process, key);
  }

  silence({ context }: ExchangeNode): Silence {
    if (context === 'none') return 'no_context';
    return context === 'unknown' ? 'context_unknown' : 'context_not_open';
  }
}

function contextKeys(context: RequestContext): readonly string[] {
  return typeof context === 'string' ? [] : [context.traceId + context.spanId];
}
