import { WALL_CLOCK_SHIFT_NANO } from './wall-clock.ts';

/**
 * Time inside a pipeline.
 *
 * Unix nanoseconds need 61 bits and a double holds 53, so a clock picks an epoch near the present and counts
 * nanoseconds from there: exact for 104 days around the epoch, and within 2 ns for a year.
 */
export type Nanos = number;

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Unix time in nanoseconds of `Nanos` zero, a whole millisecond: times that were cut to one can be told. */
  readonly epochUnixNano: bigint;
  /** Nanoseconds since the epoch. */
  now(): Nanos;
  /** Calls `fn` once, when `now()` has reached `at`. A pending timer does not keep the process alive. */
  setTimer(at: Nanos, fn: () => void): Timer;
}

export const MICROSECOND: Nanos = 1e3;
export const MILLISECOND: Nanos = 1e6;
export const SECOND: Nanos = 1e9;

const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * The time of this machine, and timers of Node.
 *
 * ```ts
 * import { SystemClock } from 'spanloom';
 *
 * const clock = new SystemClock();
 * const unixNano = clock.epochUnixNano + BigInt(Math.round(clock.now()));
 * console.log(new Date(Number(unixNano / 1_000_000n)));
 * ```
 */
export class SystemClock implements Clock {
  readonly epochUnixNano = BigInt(Date.now()) * 1_000_000n + WALL_CLOCK_SHIFT_NANO;
  readonly #start = performance.now();

  now(): Nanos {
    return (performance.now() - this.#start) * MILLISECOND;
  }

  setTimer(at: Nanos, fn: () => void): Timer {
    const ms = Math.min(Math.max(0, Math.ceil((at - this.now()) / MILLISECOND)), MAX_TIMEOUT_MS);
    const timeout = setTimeout(fn, ms);
    timeout.unref();
    return { cancel: () => clearTimeout(timeout) };
  }
}

/**
 * A clock that moves only when told to: replays and tests are exact because nothing depends on when they run.
 *
 * ```ts
 * import { ManualClock } from 'spanloom';
 *
 * const clock = new ManualClock(1_800_000_000_000_000_000n);
 * clock.setTimer(5e9, () => console.log('five seconds later'));
 * clock.advanceTo(10e9);
 * ```
 */
export class ManualClock implements Clock {
  readonly #timers: { at: Nanos; order: number; fn: () => void }[] = [];
  #now: Nanos = 0;
  #order = 0;

  constructor(readonly epochUnixNano: bigint) {}

  now(): Nanos {
    return this.#now;
  }

  setTimer(at: Nanos, fn: () => void): Timer {
    const timer = { at, order: this.#order++, fn };
    this.#timers.push(timer);
    this.#timers.sort((a, b) => a.at - b.at || a.order - b.order);
    return {
      cancel: () => {
        const i = this.#timers.indexOf(timer);
        if (i >= 0) this.#timers.splice(i, 1);
      },
    };
  }

  /** Moves time forward and fires, in order, every timer that falls due on the way. */
  advanceTo(time: Nanos): void {
    while (this.#timers.length > 0 && this.#timers[0]!.at <= time) {
      const timer = this.#timers.shift()!;
      this.#now = Math.max(this.#now, timer.at);
      timer.fn();
    }
    this.#now = Math.max(this.#now, time);
  }
}
