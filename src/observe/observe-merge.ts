import type { Clock } from '../collector/clock.ts';
import { Collector } from '../collector/collector.ts';
import type { Factories, ProcessorFactory } from '../collector/component.ts';
import type { Counters } from '../collector/counters.ts';
import type { MergeObserver } from '../correlate/observer.ts';
import type { CorrelateOptions } from '../correlate/options.ts';
import { type CorrelateConfig, correlateConfig, correlateOptions } from '../processor/correlate/config.ts';
import { CorrelateTraces } from '../processor/correlate/correlate.ts';
import { type Observing, observingConfig } from './observing-config.ts';

/** What an observer of a merge may know of it. */
export interface Watched {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly options: CorrelateOptions;
}

/**
 * A collector that merges what it takes in as the configuration says, shows it to an observer, and sends it nowhere. It ends
 * with its recording, or when it is shut down.
 *
 * @throws as `observingConfig`; errors of the configuration's sections come when it starts
 */
export function observeMerge(
  observing: Observing,
  factories: Factories,
  observe: (watched: Watched) => MergeObserver,
): Collector {
  return new Collector({
    config: { object: observingConfig(observing) },
    factories: { ...factories, processors: [observedCorrelate(observe), ...factories.processors] },
  });
}

function observedCorrelate(observe: (watched: Watched) => MergeObserver): ProcessorFactory<CorrelateConfig> {
  return {
    type: 'correlate',
    stability: 'alpha',
    config: correlateConfig,
    createTraces: (settings, config, next) => {
      const { clock, counters } = settings;
      // Who only looks on says nothing to other hosts.
      const options = { ...correlateOptions(config), rendezvous: undefined };
      const observer = observe({ clock, counters, options });
      return new CorrelateTraces(settings, options, { correlator: undefined }, next, observer);
    },
  };
}
