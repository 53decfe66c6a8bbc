import { FIXED64 } from './wire/format.ts';
import { WireReader } from './wire/reader.ts';

const START_TIME = (7 << 3) | FIXED64;

/** Reads when spans start, in nanoseconds since `epochUnixNano`. */
export class StartTimes {
  readonly #epochLow: number;
  readonly #epochHigh: number;

  constructor(epochUnixNano: bigint) {
    this.#epochLow = Number(BigInt.asUintN(32, epochUnixNano));
    this.#epochHigh = Number(epochUnixNano >> 32n);
  }

  /** Of a `Span` message. One without start time starts at Unix time 0. */
  of(span: Uint8Array): number {
    const reader = new WireReader(span);
    let low = 0;
    let high = 0;
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === START_TIME) {
        reader.fixed64();
        low = reader.lo;
        high = reader.hi;
        break;
      }
      reader.skip(tag);
    }
    return (high - this.#epochHigh) * 2 ** 32 + (low - this.#epochLow);
  }
}
