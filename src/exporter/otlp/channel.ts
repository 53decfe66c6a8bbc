import type { ClientHttp2Session } from 'node:http2';
import { Backoff, type BackoffOptions } from '../queue/backoff.ts';

/** gRPC's reconnect times, capped below its two minutes: a backend that is back should be used soon. */
const RECONNECT: BackoffOptions = {
  initialMs: 1000,
  maxMs: 10_000,
  multiplier: 1.6,
  randomizationFactor: 0.2,
};

/** Keeps one connection to a backend, and makes a new one when a request needs it. */
export class Channel {
  readonly #connect: () => Promise<ClientHttp2Session>;
  readonly #backoff: Backoff;
  #ready: ClientHttp2Session | undefined;
  #connecting: Promise<ClientHttp2Session> | undefined;
  #failure: Error | undefined;
  #retryAt = 0;
  #closed = false;
  readonly #open = new Set<ClientHttp2Session>();

  constructor(connect: () => Promise<ClientHttp2Session>, backoff = RECONNECT) {
    this.#connect = connect;
    this.#backoff = new Backoff(backoff);
  }

  /** The connection, where there is one that takes requests. */
  ready(): ClientHttp2Session | undefined {
    const session = this.#ready;
    return session && !session.closed && !session.destroyed ? session : undefined;
  }

  /**
   * A connection. Rejects with the reason when none can be made, and with the last reason at once while the next
   * attempt has to wait.
   */
  session(): Promise<ClientHttp2Session> {
    const ready = this.ready();
    if (ready) return Promise.resolve(ready);
    if (this.#closed) return Promise.reject(new Error('the exporter was shut down'));
    if (this.#connecting) return this.#connecting;
    if (this.msToRetry() > 0) return Promise.reject(this.#failure);
    this.#connecting = this.#establish().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  /** Milliseconds until the next connection attempt is allowed. */
  msToRetry(): number {
    return Math.max(0, this.#retryAt - performance.now());
  }

  /** Allows the next attempt now. */
  hurry(): void {
    this.#backoff.reset();
    this.#retryAt = 0;
  }

  /** Closes every connection at once; calls under way fail. */
  close(): void {
    this.#closed = true;
    for (const session of this.#open) session.destroy();
  }

  async #establish(): Promise<ClientHttp2Session> {
    try {
      const session = await this.#connect();
      this.#backoff.reset();
      this.#adopt(session);
      return session;
    } catch (error) {
      this.#failure = error as Error;
      this.#retryAt = performance.now() + this.#backoff.next();
      throw error;
    }
  }

  #adopt(session: ClientHttp2Session): void {
    this.#open.add(session);
    this.#ready = session;
    session.once('close', () => this.#open.delete(session));
    // After GOAWAY the session still ends the calls the server accepted; new ones need another connection.
    session.once('goaway', () => {
      if (this.#ready === session) this.#ready = undefined;
    });
    if (this.#closed) session.destroy();
  }
}
