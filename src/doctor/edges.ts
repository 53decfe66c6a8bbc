import { type ContextHeader, contextHeader } from '../correlate/context.ts';
import type { ExchangeNode } from '../correlate/node.ts';
import { OUTSIDE, type ServiceNames } from '../observe/service-names.ts';
import type { Decided } from './decided.ts';
import type { EdgeRow } from './report.ts';
import { Tally } from './tally.ts';

/** Who called whom, and what context went along. */
export class Edges {
  readonly #names: ServiceNames;
  readonly #edges = new Tally(() => ({
    calls: 0,
    traceparent: 0,
    b3: 0,
    sw8: 0,
    'uber-trace-id': 0,
    no_context: 0,
    context_unknown: 0,
    context_impossible: 0,
    not_sampled: 0,
  }));

  constructor(names: ServiceNames) {
    this.#names = names;
  }

  decided({ exchanges }: Decided): void {
    for (const node of exchanges) if (node.exchange.side === 'client' || !node.peer) this.#count(node);
  }

  rows(): EdgeRow[] {
    const rows = this.#edges.rows().map(({ names, counts }) => {
      const [client, server, protocol] = names as [string, string, string];
      const { calls, no_context, context_unknown, context_impossible, not_sampled, ...carried } = counts;
      const context: Partial<Record<ContextHeader, number>> = Object.fromEntries(
        Object.entries(carried).filter(([, n]) => n > 0),
      );
      const other = { no_context, context_unknown, context_impossible, not_sampled };
      return { client, server, protocol, calls, context, ...other };
    });
    return fromOutsideIn(rows);
  }

  #count(node: ExchangeNode): void {
    const { protocol, request } = node.exchange;
    const row = this.#edges.row(this.#names.clientOf(node), this.#names.serverOf(node), protocol.name);
    const { counts } = row;
    counts.calls++;
    if (request?.context === undefined) counts.context_impossible++;
    else if (node.context === 'none') counts.no_context++;
    else if (node.context === 'unknown') counts.context_unknown++;
    else {
      counts[contextHeader(request.context)!]++;
      if (!node.context.sampled) counts.not_sampled++;
    }
  }
}

/** Those that come from outside first, then what was called by whom comes before what it calls. */
function fromOutsideIn(rows: readonly EdgeRow[]): EdgeRow[] {
  const ordered = [...rows].sort((a, b) => (edgeKey(a) < edgeKey(b) ? -1 : 1));
  const called = new Map<string, string[]>();
  for (const { client, server } of ordered) {
    const servers = called.get(client);
    if (servers) servers.push(server);
    else called.set(client, [server]);
  }
  const servers = new Set(ordered.map(({ server }) => server));
  const reached = new Set([OUTSIDE, ...[...called.keys()].filter((client) => !servers.has(client))]);
  // A set that grows while it is gone through: each service once, callers before those they call.
  for (const service of reached) for (const server of called.get(service) ?? []) reached.add(server);
  const rank = new Map([...reached].map((service, i) => [service, i]));
  const rankOf = ({ client }: EdgeRow) => rank.get(client) ?? rank.size;
  return ordered.sort((a, b) => rankOf(a) - rankOf(b));
}

function edgeKey({ client, server, protocol }: EdgeRow): string {
  return [client, protocol, server].join('\0');
}
