import type { Side } from '../../receiver/ebpf/exchange.ts';
import { Few } from '../few.ts';

/**
 * What a thread read and wrote, in the segment now under way, on connections with an exchange that began before the
 * capture. A connection counts once for each direction, however many calls moved its bytes.
 */
export class Unfollowed {
  readonly #requests = new Few<number>();
  readonly #responses = new Few<number>();
  readonly #written = new Few<number>();

  /** Connections on which a part of a request was read: each has an outcome sooner or later. */
  get requests(): number {
    return this.#requests.size;
  }

  /** Connections on which something was read. */
  get reads(): number {
    return this.#requests.size + this.#responses.size;
  }

  /** Connections written to: calls and answers. */
  get outcomes(): number {
    return this.#written.size;
  }

  /** Something was read of which it is not known what it is about. */
  get wasRead(): boolean {
    return this.#requests.size > 0 || this.#responses.size > 0;
  }

  get any(): boolean {
    return this.wasRead || this.#written.size > 0;
  }

  read(side: Side, cookie: number): void {
    (side === 'server' ? this.#requests : this.#responses).add(cookie);
  }

  written(cookie: number): void {
    this.#written.add(cookie);
  }

  clear(): void {
    this.#requests.clear();
    this.#responses.clear();
    this.#written.clear();
  }
}
