import { assertValid, loadConfig } from '../config/load.ts';
import type { ConfigSources } from '../config/resolve.ts';
import type { CommandContext } from './context.ts';

/**
 * Says nothing when the configuration can run; starts nothing.
 *
 * @throws {ConfigError}
 */
export function validate({ factories }: CommandContext, sources: ConfigSources): void {
  assertValid(loadConfig(sources, factories));
}
