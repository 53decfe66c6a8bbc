import { isConfigMap } from './merge.ts';

export const REDACTED = '[REDACTED]';

const SECRET = /(?:password|passwd|secret|token|api_?key|authorization|credentials?|private_key|key_pem)$/i;

/** Keys whose values the Collector treats as opaque: by name, and every header. */
export function isSecret(path: readonly PropertyKey[]): boolean {
  const key = path.at(-1);
  return (typeof key === 'string' && SECRET.test(key)) || path.slice(0, -1).some(isHeaders);
}

/** A copy fit for printing. */
export function redact(value: unknown, path: readonly PropertyKey[] = []): unknown {
  if (Array.isArray(value)) return value.map((item, index) => redact(item, [...path, index]));
  if (isConfigMap(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, redact(item, [...path, key])]),
    );
  return value !== null && isSecret(path.filter((key) => typeof key === 'string')) ? REDACTED : value;
}

function isHeaders(key: PropertyKey): boolean {
  return typeof key === 'string' && /^(?:headers|response_headers)$/.test(key);
}
