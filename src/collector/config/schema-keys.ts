import type { ZodType } from 'zod';
import type { $ZodType, $ZodTypes } from 'zod/v4/core';

/** The keys a schema allows at a path, to tell somebody who misspelt one. */
export function schemaKeys(schema: ZodType, path: readonly PropertyKey[]): string[] {
  let candidates: $ZodType[] = [schema];
  for (const key of path) candidates = candidates.flatMap(unwrap).flatMap((type) => child(type, key));
  return candidates.flatMap(unwrap).flatMap((type) => {
    const { def } = (type as $ZodTypes)._zod;
    return def.type === 'object' ? Object.keys(def.shape) : [];
  });
}

function child(type: $ZodType, key: PropertyKey): $ZodType[] {
  const { def } = (type as $ZodTypes)._zod;
  if (def.type === 'object') return Object.hasOwn(def.shape, key) ? [def.shape[String(key)]!] : [];
  if (def.type === 'record') return [def.valueType];
  if (def.type === 'array') return [def.element];
  return [];
}

/** The schemas that look at the same value: inside defaults, optionals, transformations and unions. */
function unwrap(type: $ZodType): $ZodType[] {
  const { def } = (type as $ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'catch':
    case 'readonly':
      return unwrap(def.innerType);
    case 'pipe':
      return [...unwrap(def.in), ...unwrap(def.out)];
    case 'union':
      return def.options.flatMap(unwrap);
    case 'intersection':
      return [...unwrap(def.left), ...unwrap(def.right)];
    case 'lazy':
      return unwrap(def.getter());
    default:
      return [type];
  }
}
