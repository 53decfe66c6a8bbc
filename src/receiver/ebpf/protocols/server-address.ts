import { ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT } from '@opentelemetry/semantic-conventions';
import type { Exchange, Side } from '../exchange.ts';
import type { SpanSink } from './protocol.ts';

/** Where the connection's server end is, as the socket has it. */
export interface ServerAddress {
  /** IP address or name of the Unix socket; empty where that has none. */
  readonly address: string;
  /** Undefined for Unix sockets. */
  readonly port: number | undefined;
}

export function serverOf(exchange: Exchange, side: Side): ServerAddress {
  const { socket } = exchange.connection;
  if (socket.path !== undefined) return { address: socket.path, port: undefined };
  return side === 'server'
    ? { address: socket.localAddress, port: socket.localPort }
    : { address: socket.remoteAddress, port: socket.remotePort };
}

/** For protocols whose messages do not name the server. */
export function describeServer(exchange: Exchange, side: Side, span: SpanSink): void {
  const { address, port } = serverOf(exchange, side);
  if (address !== '') span.string(ATTR_SERVER_ADDRESS, address);
  if (port !== undefined) span.int(ATTR_SERVER_PORT, port);
}

/** For the name of a span that has no better one. */
export function serverName({ address, port }: ServerAddress): string {
  return port === undefined ? address : `${address}:${port}`;
}
