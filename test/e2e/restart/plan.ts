import type { Random } from '../../correlate/random.ts';
import type { Ending } from './restarted-spanloom.ts';

/** A restart, and how long after the start before it. */
export interface Restart {
  readonly signal: Ending;
  readonly afterMs: number;
}

/** Each kind somewhere in a range of time in which the life before has something to tell; what SIGKILL loses takes longest. */
const ONE_OF_EACH: readonly (readonly [signal: Ending, fromMs: number, toMs: number])[] = [
  ['SIGHUP', 4000, 6000],
  ['SIGTERM', 7000, 9000],
  ['SIGKILL', 16_000, 18_000],
];
/** The shortest life is one in which nothing has been exported yet, the longest one in which traces have left. */
const ANY_LIFE_MS = [300, 20_000] as const;

/** One restart of each kind for `count` 3; otherwise `count` of any kind at any time. */
export function restartPlan(random: Random, count: number): Restart[] {
  const between = (from: number, to: number) => from + random.below(to - from);
  if (count === ONE_OF_EACH.length)
    return ONE_OF_EACH.map(([signal, from, to]) => ({ signal, afterMs: between(from, to) }));
  return Array.from({ length: count }, () => ({
    signal: random.pick(ONE_OF_EACH)[0],
    afterMs: between(...ANY_LIFE_MS),
  }));
}
