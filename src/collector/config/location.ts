/** `scheme:opaque`, where a configuration or a part of one comes from. */
export interface Location {
  readonly scheme: string;
  readonly opaque: string;
  /** What to call it in messages, when not `scheme:opaque`. */
  readonly label?: string;
}

const URI = /^([A-Za-z][A-Za-z0-9+.-]+):(.*)$/s;

export function parseUri(uri: string): Location | undefined {
  const match = URI.exec(uri);
  return match ? { scheme: match[1]!, opaque: match[2]! } : undefined;
}

/** A `--config` argument: `scheme:opaque`, or the bare path of a file. */
export function configLocation(argument: string): Location {
  return parseUri(argument) ?? { scheme: 'file', opaque: argument };
}

/**
 * A `--set` argument: `processors.batch.timeout=2s`.
 *
 * @throws {SyntaxError} with the Collector's text
 */
export function setLocation(argument: string): Location {
  const equals = argument.indexOf('=');
  if (equals < 0) throw new SyntaxError('missing equal sign');
  const key = argument.slice(0, equals).trim();
  const value = argument.slice(equals + 1).trim();
  return { scheme: 'yaml', opaque: `${key.replaceAll('.', '::')}: ${value}`, label: `--set ${key}` };
}
