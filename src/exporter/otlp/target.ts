import { parseEndpoint } from '../../collector/config/endpoint.ts';

/** Where a gRPC client connects to. */
export interface Target {
  /** Value of `:authority`. */
  readonly authority: string;
  /** Of `net.connect`. Names are looked up at each connection. */
  readonly address: { readonly host: string; readonly port: number } | { readonly path: string };
  /** What the scheme says about encryption; without a scheme the `tls` section decides. */
  readonly encrypted: boolean | undefined;
}

/**
 * Reads `host:port`, `http://host:port`, `https://host:port`, `dns:///host:port`, `dns://server/host:port` and
 * `unix:///path`.
 *
 * @throws {SyntaxError} saying what is wrong with it.
 */
export function parseTarget(endpoint: string): Target {
  const unix = /^unix:(?:\/\/)?(\/.*)$/.exec(endpoint);
  if (unix) return { authority: 'localhost', address: { path: unix[1]! }, encrypted: undefined };
  const [, scheme, rest] = /^(?:(https?|dns):\/\/)?(.*)$/s.exec(endpoint)!;
  const authority = scheme === 'dns' ? rest!.replace(/^[^/]*\//, '') : rest!.replace(/\/$/, '');
  const { host, port } = parseEndpoint(authority);
  return {
    authority,
    address: { host: host === '' ? 'localhost' : host, port },
    encrypted: scheme === 'http' ? false : scheme === 'https' ? true : undefined,
  };
}
