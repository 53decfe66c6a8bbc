import { randomUUID } from 'node:crypto';
import type { BuildInfo } from '../build-info.ts';
import type { IncludeExclude, ResourceConfig } from './config.ts';

/** Keys of the declarative schema that are no attributes. */
const NO_ATTRIBUTES = new Set(['attributes', 'schema_url', 'attributes_list', 'detection/development']);

/** What describes this collector: its own name, version and a random instance id, and what the configuration says. */
export function resourceAttributes(
  { command, version }: BuildInfo,
  config: ResourceConfig | undefined,
): Record<string, string> {
  const attributes: Record<string, unknown> = {
    'service.name': command,
    'service.version': version,
    'service.instance.id': randomUUID(),
  };
  for (const [name, value] of Object.entries(config ?? {}))
    if (!NO_ATTRIBUTES.has(name)) attributes[name] = value;
  for (const { name, value } of config?.attributes ?? []) attributes[name] = value;
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]])),
  );
}

/** Those that a reader wants on every series. Without any name to include, all are included. */
export function constantLabels(
  attributes: Readonly<Record<string, string>>,
  lists: IncludeExclude | undefined,
): Record<string, string> {
  if (!lists) return {};
  const { included, excluded } = lists;
  const matches = (name: string, patterns: readonly string[]) =>
    patterns.some((pattern) => wildcard(pattern).test(name));
  return Object.fromEntries(
    Object.entries(attributes).filter(
      ([name]) => !matches(name, excluded) && (included.length === 0 || matches(name, included)),
    ),
  );
}

function wildcard(pattern: string): RegExp {
  const literal = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}
