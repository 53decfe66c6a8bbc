import { lookup } from 'node:dns/promises';
import type { AddressInfo, Server } from 'node:net';
import { SpanloomError } from '../error.ts';
import type { Endpoint } from './config/endpoint.ts';

/**
 * Listens and returns the port, which the system chose where the endpoint's is 0. A host name that has
 * several addresses stands for its first IPv4 one, as in the Collector: `localhost` is 127.0.0.1.
 */
export async function listen(server: Server, { host, port }: Endpoint): Promise<number> {
  try {
    const address = host === '' ? '::' : await resolve(host);
    await new Promise<void>((done, failed) => {
      server.once('error', failed);
      server.listen({ host: address, port }, () => {
        server.off('error', failed);
        done();
      });
    });
  } catch (error) {
    throw new SpanloomError(
      'SPANLOOM_LISTEN',
      `listen tcp ${host.includes(':') ? `[${host}]` : host}:${port}: ${(error as Error).message}`,
      { cause: error },
    );
  }
  return (server.address() as AddressInfo).port;
}

async function resolve(host: string): Promise<string> {
  const addresses = await lookup(host, { all: true });
  return (addresses.find(({ family }) => family === 4) ?? addresses[0]!).address;
}
