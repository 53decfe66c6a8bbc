import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import type { Target } from './target.ts';

/** gRPC's minimum time for a connection attempt (`grpc/doc/connection-backoff.md`). */
const CONNECT_MS = 20_000;

/** HTTP/2's default of 64 KiB would stop a large response half way; responses are bounded elsewhere. */
const WINDOW_BYTES = 1 << 20;

/**
 * Connects to `target` and resolves when the peer has proved to speak HTTP/2, by its SETTINGS frame. The name is
 * looked up anew, and each of its addresses is tried.
 *
 * @param tls undefined: plain text.
 */
export function connect(target: Target, tls: ConnectionOptions | undefined): Promise<ClientHttp2Session> {
  return new Promise((resolve, reject) => {
    const socket = openSocket(target, tls);
    const session = connectHttp2(`${tls ? 'https' : 'http'}://${target.authority}`, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: WINDOW_BYTES },
    });
    const timer = setTimeout(
      () => session.destroy(new Error(`no HTTP/2 connection within ${CONNECT_MS} ms`)),
      CONNECT_MS,
    );
    let failure: Error | undefined;
    const onError = (error: Error) => {
      failure ??= error;
    };
    const onClose = () => {
      clearTimeout(timer);
      reject(failure ?? new Error('the connection was closed before the peer spoke HTTP/2'));
    };
    session.on('error', onError);
    session.once('close', onClose);
    session.once('remoteSettings', () => {
      clearTimeout(timer);
      session.off('close', onClose);
      resolve(session);
    });
  });
}

function openSocket(target: Target, tls: ConnectionOptions | undefined): Socket | TLSSocket {
  if (!tls) return connectTcp({ ...target.address, noDelay: true });
  const socket = connectTls({ ...target.address, ...serverName(target, tls), ...tls, ALPNProtocols: ['h2'] });
  socket.setNoDelay(true);
  return socket;
}

/** An IP address must not be sent as server name (RFC 6066, section 3); the certificate is checked against it anyway. */
function serverName(target: Target, tls: ConnectionOptions): { servername?: string } {
  if (tls.servername !== undefined || !('host' in target.address)) return {};
  const { host } = target.address;
  return /^[\d.]+$|:/.test(host) ? {} : { servername: host };
}
