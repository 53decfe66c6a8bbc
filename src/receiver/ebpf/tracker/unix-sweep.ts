import type { Nanos } from '../../../collector/clock.ts';
import type { UnixAliveEvent, UnixSweptEvent } from '../message.ts';

/** What a look at all Unix sockets met. */
export interface AliveSockets {
  readonly cookies: ReadonlySet<number>;
  /** When the look began: a socket used since then may have been missed. */
  readonly since: Nanos;
}

/** Gathers which Unix sockets are still there: the kernel side can not tell when one is closed. */
export class UnixSweep {
  #cookies = new Set<number>();
  #since: Nanos | undefined;

  alive({ cookie, at }: UnixAliveEvent): void {
    this.#cookies.add(cookie);
    this.#since ??= at;
  }

  /** Undefined where some records were lost, so that it is not known who is gone. */
  swept({ count, at }: UnixSweptEvent): AliveSockets | undefined {
    const alive = { cookies: this.#cookies, since: this.#since ?? at };
    this.#cookies = new Set();
    this.#since = undefined;
    return alive.cookies.size === count ? alive : undefined;
  }
}
