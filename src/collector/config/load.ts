import type { Factories } from '../component.ts';
import type { CollectorConfig } from './collector-config.ts';
import type { ConfigMap } from './merge.ts';
import type { Positions } from './position.ts';
import { type ConfigProblem, during, validationError } from './problem.ts';
import type { Notice } from './providers.ts';
import { type ConfigSources, type ResolvedConfig, resolveConfig } from './resolve.ts';
import { unmarshal } from './unmarshal.ts';
import { validate } from './validate.ts';

/** Sources to resolve, or the configuration itself as a plain object, in which nothing is expanded. */
export type ConfigInput = ConfigSources | { readonly object: ConfigMap };

/** A configuration that fits its schema, and what speaks against running it. */
export interface LoadedConfig {
  readonly config: CollectorConfig;
  readonly notices: readonly Notice[];
  readonly problems: readonly ConfigProblem[];
  readonly positions: Positions;
}

/** @throws {ConfigError} when the configuration can not be resolved or does not fit its schema */
export function loadConfig(input: ConfigInput, factories: Factories): LoadedConfig {
  try {
    const resolved = resolveInput(input);
    const { config, problems, notices } = unmarshal(resolved, factories);
    return {
      config,
      notices: [...resolved.notices, ...notices],
      problems: [...problems, ...validate(config)],
      positions: resolved.positions,
    };
  } catch (error) {
    throw during('failed to get config', error);
  }
}

/** @throws {ConfigError} with every problem there is */
export function assertValid({ problems, positions }: LoadedConfig): void {
  if (problems.length > 0) throw validationError(problems, positions);
}

/** @throws {ConfigError} when a source is missing or malformed, or an expansion fails */
function resolveInput(input: ConfigInput): ResolvedConfig {
  if (!('object' in input)) return resolveConfig(input);
  return { value: input.object, positions: new Map(), notices: [] };
}
