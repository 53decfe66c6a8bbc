import type { Nanos } from '../../../collector/clock.ts';
import type { Execution } from '../exchange.ts';
import type { Offset } from '../protocols/protocol.ts';

/** What remains of a message once its bytes are parsed: where it stands in its stream, who moved it and when. */
export interface Call extends Execution {
  readonly offset: Offset;
  readonly begin: Nanos;
  readonly end: Nanos;
  /** Receive only: when the kernel announced the data; `end` where that is not known. */
  readonly arrival: Nanos;
  /** It is not sure that the other end counts the same offset. */
  readonly unaligned: boolean;
  /** The one before it on the stream, as long as that is kept. */
  before: Call | undefined;
}

/** A request head rarely spans more calls than this; older ones are found as the oldest kept. */
const KEPT_CALLS = 16;

/**
 * The latest calls on one stream, for telling which of them moved a given byte. Those before the last one found are let go
 * of: what is asked for next stands behind it.
 */
export class Stream {
  /** Where the next byte is expected; undefined until the first message. */
  next: Offset | undefined;
  #last: Call | undefined;
  #count = 0;

  /** Adds a call that is on no stream yet. */
  add(call: Call): void {
    call.before = this.#last;
    this.#last = call;
    if (++this.#count > KEPT_CALLS) this.#letGo();
  }

  /** The call that moved the byte at `offset`, or the nearest one kept. */
  at(offset: Offset): Call | undefined {
    let kept = this.#last;
    let count = 1;
    for (; kept?.before && kept.offset > offset; kept = kept.before) count++;
    if (kept?.before) {
      kept.before = undefined;
      this.#count = count;
    }
    return kept;
  }

  #letGo(): void {
    let oldest = this.#last!;
    for (let kept = 1; kept < KEPT_CALLS; kept++) oldest = oldest.before!;
    oldest.before = undefined;
    this.#count = KEPT_CALLS;
  }
}
