import type { Settings } from '../../collector/component.ts';
import type { CorrelateOptions } from '../options.ts';
import { MeetingPlace, MemoryRendezvous } from './memory.ts';
import { RedisRendezvous } from './redis.ts';
import type { Rendezvous } from './rendezvous.ts';
import { RendezvousCounters } from './rendezvous-counters.ts';

/** Where all pipelines of this process meet. */
const THIS_PROCESS = new MeetingPlace();

/** The rendezvous that a `correlate` processor is configured to use. */
export function openRendezvous(
  { clock, counters, id, logger }: Pick<Settings, 'clock' | 'counters' | 'id' | 'logger'>,
  { rendezvous, maxAge }: CorrelateOptions,
): Rendezvous | undefined {
  if (rendezvous === undefined) return undefined;
  const { ttl, store } = rendezvous;
  const own = new RendezvousCounters(counters, id);
  // A call is decided when its trace has become too old, at the latest.
  const promiseTtl = maxAge + ttl;
  if (store.kind === 'memory')
    return new MemoryRendezvous({
      place: THIS_PROCESS,
      clock,
      promiseTtl,
      ttl,
      maxEntries: store.maxEntries,
      evicted: own.evicted,
    });
  return new RedisRendezvous({
    ...store,
    promiseTtl,
    ttl,
    counters: own,
    lost: (error) =>
      logger.warn(
        { err: error, code: 'SPANLOOM_RENDEZVOUS_UNAVAILABLE' },
        `The rendezvous at ${store.endpoint} can not be used: traces leave without what other hosts know of them. ` +
          'Said once until it is back; spanloom_correlate_rendezvous_failures counts',
      ),
    back: () => logger.info(`The rendezvous at ${store.endpoint} is back`),
  });
}
