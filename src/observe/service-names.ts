import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import type { ExchangeNode, SdkNode } from '../correlate/node.ts';
import type { Process } from '../receiver/ebpf/exchange.ts';
import type { Socket } from '../receiver/ebpf/message.ts';

/** A caller that is not watched: its port says nothing, and its address often is a proxy's. */
export const OUTSIDE = 'outside';

/** What services are called: as their SDK says, else as is told from the process. */
export class ServiceNames {
  readonly #bySdk = new WeakMap<Process, string>();

  learn(span: SdkNode): void {
    if (span.process) this.#bySdk.set(span.process, this.ofSpan(span));
  }

  of(process: Process): string {
    const told = this.#bySdk.get(process);
    if (told !== undefined) return told;
    const { resource, executablePath, pid } = process.facts;
    const name = resource.find(([key]) => key === ATTR_SERVICE_NAME)?.[1];
    return typeof name === 'string' ? name : executablePath || `pid ${pid}`;
  }

  ofSpan({ resource }: SdkNode): string {
    const name = resource.attribute(ATTR_SERVICE_NAME);
    return typeof name === 'string' ? name : 'unknown_service';
  }

  /** Who called. */
  clientOf(node: ExchangeNode): string {
    const client = node.exchange.side === 'client' ? node : node.peer;
    return client ? this.of(client.exchange.process) : OUTSIDE;
  }

  /** Who was called. */
  serverOf(node: ExchangeNode): string {
    const server = node.exchange.side === 'server' ? node : node.peer;
    return server ? this.of(server.exchange.process) : remoteOf(node.exchange.connection.socket);
  }
}

/** Where a connection leads: address and port, or the name of a Unix socket. */
export function remoteOf({ path, remoteAddress, remotePort }: Socket): string {
  if (path !== undefined) return `unix:${path}`;
  return remoteAddress.includes(':') ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}

/** What a server's end of a connection was reached at. */
export function localOf({ path, localPort }: Socket): string {
  return path === undefined ? `port ${localPort}` : `unix:${path}`;
}
