import type { Exchange } from '../../receiver/ebpf/exchange.ts';
import type { ExchangeNode } from '../node.ts';

interface Ends {
  client: ExchangeNode | undefined;
  server: ExchangeNode | undefined;
}

/** The two ends of each exchange: those at the same position of the same connection. */
export class ExchangeEnds {
  readonly #ends = new Map<string, Ends>();

  /** Remembers the node, and ties it to its other end where that is known. False if this very end is there already. */
  add(node: ExchangeNode): boolean {
    const key = endsKey(node.exchange);
    const { side } = node.exchange;
    let ends = this.#ends.get(key);
    if (!ends) {
      ends = { client: undefined, server: undefined };
      this.#ends.set(key, ends);
    }
    if (ends[side]) return false;
    ends[side] = node;
    const peer = side === 'client' ? ends.server : ends.client;
    if (peer && canBeOne(node, peer)) {
      node.peer = peer;
      peer.peer = node;
    }
    return true;
  }

  remove(node: ExchangeNode): void {
    const key = endsKey(node.exchange);
    const ends = this.#ends.get(key);
    if (ends === undefined || ends[node.exchange.side] !== node) return;
    ends[node.exchange.side] = undefined;
    if (ends.client === undefined && ends.server === undefined) this.#ends.delete(key);
  }
}

/**
 * Sequence numbers leave no doubt. Offsets on a Unix socket are counted from the first use of the socket: where it is not
 * sure that both ends began at the same byte they are not tied, nor is a request that was read after the call was over.
 */
function canBeOne(node: ExchangeNode, peer: ExchangeNode): boolean {
  if (node.exchange.unaligned || peer.exchange.unaligned) return false;
  const isUnix = node.exchange.connection.socket.path !== undefined;
  return !isUnix || node.exchange.side === 'client' || peer.open;
}

/** Equal for the two ends of a connection at the same position. */
function endsKey(exchange: Exchange): string {
  const { isnLow, isnHigh } = exchange.connection;
  return `${isnLow}:${isnHigh}:${exchange.position}`;
}
