import type { Exchange } from '../../receiver/ebpf/exchange.ts';

/**
 * A call's name, equal at its two ends, on whichever hosts and behind whatever rewrites addresses: the connection's
 * initial sequence numbers and the offset of the request. A proxy that ends connections has two, with a name each.
 */
export function rendezvousName({ connection, position }: Exchange): string {
  return `${hex(connection.isnLow)}${hex(connection.isnHigh)}${position.toString(16)}`;
}

/** Both ends count alike, and the other may be on another host. */
export function canMeet({ connection, unaligned }: Exchange): boolean {
  return connection.socket.path === undefined && unaligned !== true;
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}
