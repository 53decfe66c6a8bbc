import { type Clock, SystemClock } from '../clock.ts';
import type { CollectorConfig } from '../config/collector-config.ts';
import { ConfigError } from '../config/problem.ts';

/**
 * The clock of the whole collector: the one a receiver brings along, or the system's.
 *
 * @throws {ConfigError} when two receivers bring one each
 */
export function chooseClock({ receivers, service }: CollectorConfig): Clock {
  const used = new Set(service.pipelines.flatMap((pipeline) => pipeline.receivers));
  const brought = [...used].flatMap((id) => {
    const receiver = receivers.get(id);
    const clock = receiver?.factory.createClock?.(receiver.config);
    return clock ? [{ id, clock }] : [];
  });
  if (brought.length > 1) {
    const names = brought.map(({ id }) => JSON.stringify(id)).join(' and ');
    const message = `receivers ${names} each bring a clock of their own: a collector runs on one, replay one file at a time`;
    throw new ConfigError(message, [{ code: 'SPANLOOM_CONFIG_CLOCK', message, path: ['receivers'] }]);
  }
  return brought[0]?.clock ?? new SystemClock();
}
