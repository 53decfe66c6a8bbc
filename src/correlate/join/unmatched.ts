import type { Process } from '../../receiver/ebpf/exchange.ts';
import type { ExchangeNode, SdkNode } from '../node.ts';
import { describesClient } from './client-span.ts';
import { bestServer, describesServer } from './server-span.ts';

/** Exchanges of one process: servers by their client's port, clients by protocol. */
type Shelf = Map<number | string, Set<ExchangeNode>>;

/**
 * Exchanges that no header ties to an SDK span, by process: where an SDK span without a known caller looks for the
 * exchange it describes.
 */
export class UnmatchedExchanges {
  readonly #servers = new Map<Process, Shelf>();
  readonly #clients = new Map<Process, Shelf>();

  add(node: ExchangeNode): void {
    const { process } = node.exchange;
    const shelves = this.#shelves(node);
    let shelf = shelves.get(process);
    if (!shelf) {
      shelf = new Map();
      shelves.set(process, shelf);
    }
    const key = shelfKey(node);
    const nodes = shelf.get(key);
    if (nodes) nodes.add(node);
    else shelf.set(key, new Set([node]));
  }

  remove(node: ExchangeNode): void {
    const { process } = node.exchange;
    const shelves = this.#shelves(node);
    const shelf = shelves.get(process);
    const key = shelfKey(node);
    const nodes = shelf?.get(key);
    if (!nodes?.delete(node)) return;
    if (nodes.size === 0) shelf!.delete(key);
    if (shelf!.size === 0) shelves.delete(process);
  }

  /** The server exchange an SDK's SERVER span describes. */
  server(span: SdkNode): ExchangeNode | undefined {
    const shelf = span.process && this.#servers.get(span.process);
    if (!shelf) return undefined;
    const { peerPort } = span.content;
    const candidates =
      peerPort === undefined
        ? [...shelf.values()].flatMap((nodes) => [...nodes])
        : [...(shelf.get(peerPort) ?? [])];
    return bestServer(
      span,
      candidates.filter((node) => describesServer(span, node)),
    );
  }

  /** The client exchange an SDK's CLIENT span describes, if it is the only one that can be. */
  client(span: SdkNode): ExchangeNode | undefined {
    const { system } = span.content;
    if (span.process === undefined || system === undefined) return undefined;
    const nodes = this.#clients.get(span.process)?.get(system);
    let found: ExchangeNode | undefined;
    for (const node of nodes ?? [])
      if (describesClient(span, node)) {
        if (found) return undefined;
        found = node;
      }
    return found;
  }

  #shelves(node: ExchangeNode): Map<Process, Shelf> {
    return node.exchange.side === 'server' ? this.#servers : this.#clients;
  }
}

function shelfKey(node: ExchangeNode): number | string {
  const { exchange } = node;
  return exchange.side === 'server' ? exchange.connection.socket.remotePort : exchange.protocol.name;
}
