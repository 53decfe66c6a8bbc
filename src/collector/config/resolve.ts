import { ExpandedValue, Expander } from './expand.ts';
import { configLocation, type Location, setLocation } from './location.ts';
import { type ConfigMap, isConfigMap, merge, unflatten } from './merge.ts';
import type { Position, Positions } from './position.ts';
import { ConfigError, describeProblem, during } from './problem.ts';
import { type Notice, retrieve } from './providers.ts';

/** Where a configuration comes from. Later sources are merged over earlier ones. */
export interface ConfigSources {
  /** `scheme:opaque` or a bare path each; schemes: `file`, `env`, `yaml`. */
  readonly locations: readonly string[];
  /** `key.path=value` each, merged over everything else. */
  readonly set?: readonly string[];
  /** What `${env:NAME}` sees; the process's environment by default. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A configuration with nothing left to expand; its leaves may be `ExpandedValue`s. */
export interface ResolvedConfig {
  readonly value: ConfigMap;
  readonly positions: Positions;
  readonly notices: readonly Notice[];
}

/** @throws {ConfigError} when a source is missing or malformed, or an expansion fails */
export function resolveConfig(sources: ConfigSources): ResolvedConfig {
  const notices: Notice[] = [];
  const context = { env: sources.env ?? process.env, notice: (notice: Notice) => notices.push(notice) };
  const positions = new Map<string, Position>();
  const expander = new Expander(context, positions);
  let value: ConfigMap = {};
  for (const location of parse(sources)) {
    try {
      const found = retrieve(location, context);
      value = merge(value, asMap(found.value, location));
      for (const [path, position] of found.positions) positions.set(path, position);
    } catch (error) {
      throw during('cannot resolve the configuration: cannot retrieve the configuration', error);
    }
  }
  try {
    return { value: topLevel(expander.expand(value) as ConfigMap), positions, notices };
  } catch (error) {
    throw during('cannot resolve the configuration', located(error, positions));
  }
}

function parse({ locations, set = [] }: ConfigSources): Location[] {
  if (locations.length === 0) throw usage('at least one config flag must be provided');
  try {
    return [...locations.map(configLocation), ...set.map(setLocation)];
  } catch (error) {
    throw usage((error as Error).message);
  }
}

function asMap(value: unknown, { scheme, opaque, label }: Location): ConfigMap {
  if (value === null) return {};
  if (isConfigMap(value)) return unflatten(value);
  const name = label ?? (scheme === 'yaml' ? 'yaml:' : `${scheme}:${opaque}`);
  const kind = Array.isArray(value) ? 'list' : typeof value;
  const message = `retrieved value (type=${kind}) of ${name} cannot be used as a Conf: expected a map of sections`;
  throw new ConfigError(message, [{ code: 'SPANLOOM_CONFIG_SYNTAX', message, path: [] }]);
}

/** A section may come as a whole from a `${file:...}`. */
function topLevel(map: ConfigMap): ConfigMap {
  return Object.fromEntries(
    Object.entries(map).map(([key, item]) => [key, item instanceof ExpandedValue ? item.value : item]),
  );
}

function located(error: unknown, positions: Positions): unknown {
  if (!(error instanceof ConfigError)) return error;
  const message = error.problems.map((problem) => describeProblem(problem, positions)).join('\n');
  return new ConfigError(message, error.problems, { cause: error });
}

function usage(message: string): ConfigError {
  return new ConfigError(message, [{ code: 'SPANLOOM_CONFIG_INCOMPLETE', message, path: [] }]);
}
