import type { Socket } from 'node:net';
import type { Peer } from '../../otlp/batch.ts';

const MAPPED = '::ffff:';

/** The far end of a socket; undefined once it is gone. */
export function peerOf(socket: Pick<Socket, 'remoteAddress' | 'remotePort'> | undefined): Peer | undefined {
  const address = socket?.remoteAddress;
  const port = socket?.remotePort;
  if (address === undefined || port === undefined) return undefined;
  return { address: address.startsWith(MAPPED) ? address.slice(MAPPED.length) : address, port };
}
