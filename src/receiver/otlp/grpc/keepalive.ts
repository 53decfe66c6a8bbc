import { constants, type ServerHttp2Session } from 'node:http2';
import { MILLISECOND } from '../../../collector/clock.ts';
import type { GrpcConfig } from '../config.ts';

type Keepalive = GrpcConfig['keepalive'];

/** gRPC's defaults for a server whose configuration says nothing. */
const PING_EVERY_MS = 2 * 3_600_000;
const PING_TIMEOUT_MS = 20_000;

/** A client may ping this often too early before its connection is closed, as in grpc-go. */
const MAX_PING_STRIKES = 2;

/** Watches one connection: its idleness, its age, whether its peer is alive, and whether it pings too often. */
export function keepAlive(
  session: ServerHttp2Session,
  openStreams: () => number,
  keepalive: Keepalive,
): void {
  const parameters = keepalive?.server_parameters;
  const timers: NodeJS.Timeout[] = [];
  const after = (ms: number, fn: () => void) => {
    if (ms > 0) timers.push(setTimeout(fn, Math.min(ms, 2 ** 31 - 1)).unref());
  };

  const idleMs = (parameters?.max_connection_idle ?? 0) / MILLISECOND;
  if (idleMs > 0)
    session.setTimeout(idleMs, () => {
      if (openStreams() === 0) session.close();
    });

  // Ten percent of jitter, so that connections made together do not end together (gRFC A9).
  const ageMs = ((parameters?.max_connection_age ?? 0) / MILLISECOND) * (0.9 + 0.2 * Math.random());
  after(ageMs, () => {
    session.close();
    after((parameters?.max_connection_age_grace ?? 0) / MILLISECOND, () => session.destroy());
  });

  const pingMs = (parameters?.time ?? 0) / MILLISECOND || PING_EVERY_MS;
  const timeoutMs = (parameters?.timeout ?? 0) / MILLISECOND || PING_TIMEOUT_MS;
  const pings = setInterval(() => {
    const dead = setTimeout(() => session.destroy(), timeoutMs).unref();
    if (session.closed || !session.ping(() => clearTimeout(dead))) clearTimeout(dead);
  }, pingMs).unref();

  const policy = keepalive?.enforcement_policy;
  if (policy) enforce(session, openStreams, policy.min_time / MILLISECOND, policy.permit_without_stream);

  session.once('close', () => {
    clearInterval(pings);
    for (const timer of timers) clearTimeout(timer);
  });
}

/** Closes the connection of a client that pings more often than allowed (gRFC A8). */
function enforce(
  session: ServerHttp2Session,
  openStreams: () => number,
  minTimeMs: number,
  permitWithoutStream: boolean,
): void {
  const idleMinTimeMs = permitWithoutStream ? minTimeMs : 2 * 3_600_000;
  let last = Number.NEGATIVE_INFINITY;
  let strikes = 0;
  session.on('ping', () => {
    const now = performance.now();
    if (now - last < (openStreams() > 0 ? minTimeMs : idleMinTimeMs)) strikes++;
    last = now;
    if (strikes <= MAX_PING_STRIKES) return;
    session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from('too_many_pings'));
    session.destroy();
  });
}
