import type { Exchange } from '../../receiver/ebpf/exchange.ts';
import { otherSpanIdOf } from '../identity.ts';
import type { ExchangeNode } from '../node.ts';

/** The two ends of each exchange: those at the same position of the same connection. Both know the other's span id. */
export class ExchangeEnds {
  readonly #ends = new Map<string, ExchangeNode>();

  /** Remembers the node, and ties it to its other end where that is known. False if this very end is there already. */
  add(node: ExchangeNode): boolean {
    if (this.#ends.has(node.spanId)) return false;
    this.#ends.set(node.spanId, node);
    const peer = this.#ends.get(otherSpanIdOf(node.exchange));
    if (peer && isOneExchange(node.exchange, peer.exchange) && canBeOne(node, peer)) {
      node.peer = peer;
      peer.peer = node;
    }
    return true;
  }

  remove(node: ExchangeNode): void {
    if (this.#ends.get(node.spanId) === node) this.#ends.delete(node.spanId);
  }
}

function isOneExchange(one: Exchange, other: Exchange): boolean {
  const { isnLow, isnHigh } = one.connection;
  return (
    isnLow === other.connection.isnLow &&
    isnHigh === other.connection.isnHigh &&
    one.position === other.position
  );
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
