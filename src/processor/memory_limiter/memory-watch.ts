import type { Logger } from 'pino';
import { MILLISECOND } from '../../collector/clock.ts';
import type { MemoryLimiterConfig } from './config.ts';
import { type Limits, limitsOf } from './limits.ts';
import type { Memory } from './memory.ts';

const MAX_INTERVAL_MS = 2 ** 31 - 1;

/**
 * Looks at the memory from time to time, on the real clock, also during a replay. One for all pipelines that name the
 * same component id; it runs from the first `start` to the last `stop`.
 */
export class MemoryWatch {
  /** Whether data is to be refused. */
  refusing = false;
  readonly #limits: Limits;
  #users = 0;
  #timer: NodeJS.Timeout | undefined;
  /** On the clock of `performance.now()`. */
  #lastCollection = Number.NEGATIVE_INFINITY;

  constructor(
    readonly config: MemoryLimiterConfig,
    readonly memory: Memory,
    readonly logger: Logger,
  ) {
    this.#limits = limitsOf(config, memory.total());
  }

  start(): void {
    if (this.#users++ > 0) return;
    const interval = Math.min(this.config.check_interval / MILLISECOND, MAX_INTERVAL_MS);
    this.#timer = setInterval(() => this.check(performance.now()), interval).unref();
  }

  stop(): void {
    if (--this.#users === 0) clearInterval(this.#timer);
  }

  /** @param now milliseconds */
  check(now: number): void {
    const { soft, hard } = this.#limits;
    let used = this.memory.used();
    if (used > soft) {
      const wait =
        used > hard
          ? this.config.min_gc_interval_when_hard_limited
          : this.config.min_gc_interval_when_soft_limited;
      if ((now - this.#lastCollection) * MILLISECOND >= wait) {
        this.memory.collect();
        this.#lastCollection = now;
        used = this.memory.used();
      }
    }
    const refuse = used > soft;
    if (refuse === this.refusing) return;
    this.refusing = refuse;
    const fields = { cur_mem_mib: Math.round(used / 1024 / 1024) };
    if (refuse) this.logger.warn(fields, 'Memory usage is above soft limit. Refusing data.');
    else this.logger.info(fields, 'Memory usage back within limits. Resuming normal operation.');
  }
}
