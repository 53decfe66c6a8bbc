import type { Nanos } from '../collector/clock.ts';
import type { ExchangeNode, SdkNode, TreeNode } from '../correlate/node.ts';
import type { DecidedBy } from '../correlate/observer.ts';
import type { Process } from '../receiver/ebpf/exchange.ts';

/** Members of a tree that have just been decided. */
export class Decided {
  readonly exchanges: readonly ExchangeNode[];
  readonly spans: readonly SdkNode[];
  #servers: Map<Process, ExchangeNode[]> | undefined;

  constructor(
    nodes: readonly TreeNode[],
    /** All that had to come has come: its time was up. */
    readonly complete: boolean,
    readonly at: Nanos,
  ) {
    this.exchanges = nodes.filter((node) => node.type === 'exchange');
    this.spans = nodes.filter((node) => node.type === 'sdk');
  }

  static of(nodes: readonly TreeNode[], by: DecidedBy, at: Nanos): Decided {
    return new Decided(nodes, by === 'due', at);
  }

  /** The requests that came in on the caller's process with the trace id that the call carries. */
  incomingOfTrace(call: ExchangeNode): readonly ExchangeNode[] {
    const { context } = call;
    if (typeof context === 'string') return [];
    this.#servers ??= serversByProcess(call.tree.nodes);
    const servers = this.#servers.get(call.exchange.process) ?? [];
    return servers.filter(
      (server) => typeof server.context !== 'string' && server.context.traceId === context.traceId,
    );
  }
}

function serversByProcess(nodes: readonly TreeNode[]): Map<Process, ExchangeNode[]> {
  const servers = new Map<Process, ExchangeNode[]>();
  for (const node of nodes) {
    if (node.type !== 'exchange' || node.exchange.side !== 'server') continue;
    const list = servers.get(node.exchange.process);
    if (list) list.push(node);
    else servers.set(node.exchange.process, [node]);
  }
  return servers;
}
