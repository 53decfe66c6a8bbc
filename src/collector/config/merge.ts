export type ConfigMap = Record<string, unknown>;

export function isConfigMap(value: unknown): value is ConfigMap {
  return (
    typeof value === 'object' &&
    value !== null &&
    [Object.prototype, null].includes(Object.getPrototypeOf(value))
  );
}

/** As the Collector merges configurations: maps key by key, everything else (lists and null too) as a whole. */
export function merge(base: ConfigMap, override: ConfigMap): ConfigMap {
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(override)) {
    const before = merged.get(key);
    merged.set(key, isConfigMap(before) && isConfigMap(value) ? merge(before, value) : value);
  }
  return Object.fromEntries(merged);
}

/** `{ 'a::b': 1 }` as `{ a: { b: 1 } }`. Only keys of the first level are taken apart, as in the Collector. */
export function unflatten(map: ConfigMap): ConfigMap {
  let result: ConfigMap = {};
  for (const [key, value] of Object.entries(map)) {
    const nested = key
      .split('::')
      .reduceRight<unknown>((inner, part) => Object.fromEntries([[part, inner]]), value);
    result = merge(result, nested as ConfigMap);
  }
  return result;
}
