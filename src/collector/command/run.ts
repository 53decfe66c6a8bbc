import { Collector } from '../collector.ts';
import type { ConfigInput } from '../config/load.ts';
import type { CommandContext } from './context.ts';

/** Exit code of a process that a second signal ended, as shells report it. */
const INTERRUPTED = 130;

/**
 * Runs until SIGINT or SIGTERM, then drains; a second one ends the process at once. SIGHUP reads the configuration again.
 *
 * @throws what the collector ended with
 */
export async function run(
  context: CommandContext,
  config: ConfigInput,
  drainTimeoutMs: number,
): Promise<void> {
  const { factories, buildInfo } = context;
  const collector = new Collector({ config, factories, buildInfo, drainTimeoutMs });
  let asked = false;
  const stop = () => {
    if (asked) process.exit(INTERRUPTED);
    asked = true;
    // What goes wrong from here on, run() rejects with.
    collector.shutdown().catch(() => {});
  };
  const reload = () => {
    collector.reload().catch(() => {});
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('SIGHUP', reload);
  try {
    await collector.run();
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    process.off('SIGHUP', reload);
  }
}
