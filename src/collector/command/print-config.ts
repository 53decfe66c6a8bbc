import { stringify } from 'yaml';
import { plain } from '../config/decode.ts';
import { assertValid, loadConfig } from '../config/load.ts';
import { redact } from '../config/redact.ts';
import { type ConfigSources, resolveConfig } from '../config/resolve.ts';
import type { CommandContext } from './context.ts';

export interface PrintOptions {
  readonly mode: 'redacted' | 'unredacted';
  readonly format: 'yaml' | 'json';
  readonly validate: boolean;
}

/** Prints the configuration that results from all sources, expanded and merged, before defaults. */
export function printConfig(context: CommandContext, sources: ConfigSources, options: PrintOptions): void {
  if (options.validate) assertValid(loadConfig(sources, context.factories));
  const value = plain(resolveConfig(sources).value);
  const shown = options.mode === 'redacted' ? redact(value) : value;
  context.print(options.format === 'json' ? `${JSON.stringify(shown, null, 2)}\n` : stringify(shown));
}
