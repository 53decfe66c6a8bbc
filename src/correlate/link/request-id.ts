import type { Activity } from '../../receiver/ebpf/exchange.ts';
import type { ExchangeNode } from '../node.ts';
import { OpenRequests } from './open-requests.ts';
import type { LinkRule, Verdict } from './rule.ts';
import type { Silence } from './silence.ts';

/**
 * The call carries a request id (`x-request-id`, `x-correlation-id`, `x-amzn-trace-id` …) that came in on an open
 * server exchange of its process. Ids are compared with the header's name: the same value under another name says
 * nothing.
 */
export class RequestId implements LinkRule {
  readonly evidence = 'request_id';
  readonly #open = new OpenRequests(idKeys);

  observe(activity: Activity, node: ExchangeNode | undefined): void {
    this.#open.observe(activity, node);
  }

  cause(client: ExchangeNode): Verdict {
    let ambiguous: Verdict;
    for (const key of idKeys(client)) {
      const verdict = this.#open.verdict(client.exchange.process, key);
      if (verdict && 'cause' in verdict) return verdict;
      ambiguous ??= verdict;
    }
    return ambiguous;
  }

  silence(client: ExchangeNode): Silence {
    return idKeys(client).length === 0 ? 'no_request_id' : 'request_id_not_open';
  }
}

function idKeys(node: ExchangeNode): readonly string[] {
  const ids = node.exchange.request?.requestIds;
  return ids === undefined || ids.length === 0 ? [] : ids.map(([name, value]) => `${name}=${value}`);
}
