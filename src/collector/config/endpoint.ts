import { z } from 'zod';

/** Where a server listens. An empty `host` stands for every address of this machine. */
export interface Endpoint {
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
}

/**
 * Takes `host:port` apart, `[::1]:4317` and `:4317` included.
 *
 * ```ts
 * import { parseEndpoint } from 'spanloom';
 *
 * console.log(parseEndpoint('[::1]:4317')); // { host: '::1', port: 4317 }
 * ```
 *
 * @throws {SyntaxError} with the text of Go's `net.SplitHostPort`.
 */
export function parseEndpoint(text: string): Endpoint {
  const colon = text.lastIndexOf(':');
  if (colon < 0 || text.endsWith(']')) throw new SyntaxError(`address ${text}: missing port in address`);
  let host = text.slice(0, colon);
  if (host.startsWith('[') && host.endsWith(']')) host = host.slice(1, -1);
  else if (host.includes(':')) throw new SyntaxError(`address ${text}: too many colons in address`);
  const port = text.slice(colon + 1);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535)
    throw new SyntaxError(`address ${text}: invalid port ${JSON.stringify(port)}: expected 0 to 65535`);
  return { host, port: Number(port) };
}

/**
 * `host:port` of a component's configuration, taken apart.
 *
 * ```ts
 * import { endpoint, z } from 'spanloom';
 *
 * const config = z.strictObject({ endpoint: endpoint('localhost:4317') });
 * console.log(config.parse({}).endpoint.port); // 4317
 * ```
 */
export function endpoint(defaultValue: string) {
  return z
    .string()
    .transform((text, context): Endpoint => {
      try {
        return parseEndpoint(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
        return z.NEVER;
      }
    })
    .prefault(defaultValue);
}
