import type { ZodType } from 'zod';
import type { $ZodIssue } from 'zod/v4/core';
import { ExpandedValue } from './expand.ts';
import { type ConfigMap, isConfigMap } from './merge.ts';

export type Decoded<T> =
  | { readonly value: T }
  | { readonly issues: readonly $ZodIssue[]; readonly input: unknown };

/**
 * Validates a resolved section, with the two conversions the Collector makes on the way:
 *
 * - an expanded `${...}` gives its text where the schema does not take the value it has as YAML;
 * - a key without a value is an empty map where the schema wants one, and otherwise as if it were not there.
 */
export function decode<T>(schema: ZodType<T>, section: unknown): Decoded<T> {
  const originals: { path: PropertyKey[]; text: string }[] = [];
  const root = { value: plain(section, ['value'], originals) };
  for (;;) {
    const result = schema.safeParse(root.value);
    if (result.success) return { value: result.data };
    let changed = false;
    for (const issue of result.error.issues) {
      const path = ['value', ...issue.path];
      const index = originals.findIndex((original) => samePath(original.path, path));
      if (index >= 0) {
        set(root, path, originals.splice(index, 1)[0]!.text);
        changed = true;
      } else if (valueAt(root, path) === null) {
        changed = fillNull(root, path, issue) || changed;
      }
    }
    if (!changed) return { issues: result.error.issues, input: root.value };
  }
}

/** The value at a path of keys and indices, `undefined` where there is none. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  return at;
}

/** `value` without `ExpandedValue`s; copied, so that it can be changed. */
export function plain(
  value: unknown,
  path: PropertyKey[] = [],
  originals: { path: PropertyKey[]; text: string }[] = [],
): unknown {
  if (value instanceof ExpandedValue) {
    if (value.value !== null) originals.push({ path, text: value.original });
    return plain(value.value, path, originals);
  }
  if (Array.isArray(value)) return value.map((item, index) => plain(item, [...path, index], originals));
  if (!isConfigMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, plain(item, [...path, key], originals)]),
  );
}

function samePath(a: readonly PropertyKey[], b: readonly PropertyKey[]): boolean {
  return a.length === b.length && a.every((key, index) => key === b[index]);
}

function set(root: ConfigMap, path: readonly PropertyKey[], value: unknown): void {
  const parent = valueAt(root, path.slice(0, -1)) as Record<PropertyKey, unknown>;
  Object.defineProperty(parent, path.at(-1)!, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

function fillNull(root: ConfigMap, path: readonly PropertyKey[], issue: $ZodIssue): boolean {
  if (issue.code === 'invalid_type' && (issue.expected === 'object' || issue.expected === 'record')) {
    set(root, path, {});
    return true;
  }
  const parent = valueAt(root, path.slice(0, -1));
  if (!isConfigMap(parent)) return false;
  delete parent[path.at(-1) as string];
  return true;
}
