/**
 * Entries of `OTEL_RESOURCE_ATTRIBUTES`: `key=value` pairs joined by commas, percent-encoded (OpenTelemetry
 * specification, "Specifying resource information via an environment variable").
 *
 * Undefined where anything in it is malformed: the specification discards the whole value then.
 */
export function parseResourceAttributes(text: string): Map<string, string> | undefined {
  const attributes = new Map<string, string>();
  for (const pair of text.split(',')) {
    if (pair.trim() === '') continue;
    const equals = pair.indexOf('=');
    if (equals < 0) return undefined;
    try {
      const key = decodeURIComponent(pair.slice(0, equals).trim());
      if (key === '') return undefined;
      attributes.set(key, decodeURIComponent(pair.slice(equals + 1).trim()));
    } catch {
      return undefined;
    }
  }
  return attributes;
}
