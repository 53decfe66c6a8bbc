import type { ExchangeNode } from '../node.ts';

/** A call asks for what the request asked for: as a proxy's does. */
export function sameContent(client: ExchangeNode, server: ExchangeNode): boolean {
  const a = client.exchange;
  const b = server.exchange;
  return (
    a.protocol === b.protocol &&
    a.request?.operation !== undefined &&
    a.request.target !== undefined &&
    a.request.operation === b.request?.operation &&
    a.request.target === b.request.target
  );
}
