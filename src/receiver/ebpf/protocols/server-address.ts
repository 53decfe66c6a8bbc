import { ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT } from '@opentelemetry/semantic-conventions';
import type { Exchange, Side } from '../exchange.ts';
import type { SpanSink } from './protocol.ts';

/** Address and port of the connection's server end, as the socket has them. */
export function serverOf(exchange: Exchange, side: Side): { address: string; port: number } {
  const { socket } = exchange.connection;
  return side === 'server'
    ? { address: socket.localAddress, port: socket.localPort }
    : { address: socket.remoteAddress, port: socket.remotePort };
}

/** For protocols whose messages do not name the server. */
export function describeServer(exchange: Exchange, side: Side, span: SpanSink): void {
  const { address, port } = serverOf(exchange, side);
  span.string(ATTR_SERVER_ADDRESS, address);
  span.int(ATTR_SERVER_PORT, port);
}
