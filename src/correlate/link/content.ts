import type { ExchangeNode } from '../node.ts';

/** A call asks for what the request asked for: as a proxy's does. */
export function sameContent(client: ExchangeNode, server: ExchangeNode): boolean {
  const [asked] = contentOf(client);
  return asked !== undefined && asked === contentOf(server)[0];
}

/** What a request asks for, as one key; none where that is not known. */
export function contentOf({ exchange: { protocol, request } }: ExchangeNode): readonly string[] {
  if (request?.operation === undefined || request.target === undefined) return [];
  return [`${protocol.name} ${request.operation} ${request.target}`];
}
