import { Option } from 'commander';
import type { ConfigSources } from '../config/resolve.ts';

/** What `--config` and `--set` say. */
export interface ConfigOptions {
  readonly config: readonly string[];
  readonly set: readonly string[];
  readonly featureGates?: string;
}

export function configOptions(): Option[] {
  return [
    new Option(
      '--config <location>',
      'a configuration: a file, file:PATH, env:NAME or yaml:TEXT; repeat to merge',
    )
      .argParser(collect)
      .default([], 'none'),
    new Option('--set <key=value>', 'set one value, as in processors.batch.timeout=2s; wins over --config')
      .argParser(collect)
      .default([], 'none'),
    new Option('--feature-gates <list>', 'accepted for compatibility; there are no gates here'),
  ];
}

export function sourcesOf({ config, set }: ConfigOptions): ConfigSources {
  return { locations: config, set };
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}
