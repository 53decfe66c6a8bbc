import type { ClientHttp2Session } from 'node:http2';

export interface KeepaliveOptions {
  readonly timeMs: number;
  readonly timeoutMs: number;
  readonly permitWithoutStream: boolean;
}

/** Destroys the session when a ping is not answered in time, so that a dead path is noticed. Ends with the session. */
export function keepAlive(
  session: ClientHttp2Session,
  { timeMs, timeoutMs, permitWithoutStream }: KeepaliveOptions,
  hasCalls: () => boolean,
): void {
  let unanswered: NodeJS.Timeout | undefined;
  const interval = setInterval(() => {
    if (unanswered || (!permitWithoutStream && !hasCalls())) return;
    unanswered = setTimeout(
      () => session.destroy(new Error(`a keepalive ping was not answered within ${timeoutMs} ms`)),
      timeoutMs,
    );
    session.ping(() => {
      clearTimeout(unanswered);
      unanswered = undefined;
    });
  }, timeMs);
  session.once('close', () => {
    clearInterval(interval);
    clearTimeout(unanswered);
  });
}
