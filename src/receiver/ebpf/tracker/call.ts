import type { Nanos } from '../../../collector/clock.ts';
import type { Execution } from '../exchange.ts';
import type { Offset } from '../protocols/protocol.ts';

/** What remains of a message once its bytes are parsed: where it stands in its stream, who moved it and when. */
export interface Call extends Execution {
  readonly offset: Offset;
  readonly length: number;
  readonly begin: Nanos;
  readonly end: Nanos;
  /** Receive only: when the kernel announced the data; `end` where that is not known. */
  readonly arrival: Nanos;
  /** It is not sure that the other end counts the same offset. */
  readonly unaligned: boolean;
}

/** A request head rarely spans more calls than this; older ones are found as the oldest kept. */
const KEPT_CALLS = 16;

/** The latest calls on one stream, for telling which of them moved a given byte. */
export class RecentCalls {
  readonly #calls: Call[] = [];

  add(call: Call): void {
    this.#calls.push(call);
    if (this.#calls.length > KEPT_CALLS) this.#calls.shift();
  }

  /** The call that moved the byte at `offset`, or the nearest one kept. */
  at(offset: Offset): Call | undefined {
    for (let i = this.#calls.length - 1; i >= 0; i--) {
      const call = this.#calls[i]!;
      if (call.offset <= offset) return call;
    }
    return this.#calls[0];
  }
}
