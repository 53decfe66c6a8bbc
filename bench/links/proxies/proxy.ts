import { join } from 'node:path';
import { ManagedProcess } from '../../../examples/shop/run/managed-process.ts';

/** Where a proxy runs and what it stands in front of. Ports are on 127.0.0.1. */
export interface ProxyPlace {
  /** A folder of its own, which every account may enter. */
  readonly directory: string;
  readonly port: number;
  readonly upstreamPort: number;
}

/** A request with this header is answered without a call: from a cache, or from the configuration. */
export const ANSWERED_LOCALLY = 'x-local';

/** Starts a proxy that stays in the foreground; resolves when it listens. */
export async function startProxy(
  place: ProxyPlace,
  name: string,
  command: string,
  args: readonly string[],
): Promise<ManagedProcess> {
  const proxy = new ManagedProcess({
    name,
    command,
    args,
    cwd: place.directory,
    logFile: join(place.directory, `${name}.log`),
  });
  try {
    await proxy.listening(place.port);
  } catch (error) {
    await proxy.stop();
    throw error;
  }
  return proxy;
}
