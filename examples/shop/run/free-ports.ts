import { createServer } from 'node:net';

// Below the range the kernel gives to outgoing connections, so that none of those takes the port in between.
const LOWEST = 20_000;
const HIGHEST = 32_000;
const TRIES = 200;

/** What was handed out may not be listened on yet. */
const handedOut = new Set<number>();

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** `count` TCP ports of 127.0.0.1 that nothing listens on at this moment; this program gets no port twice. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let tries = 0; ports.size < count; tries++) {
    if (tries === TRIES) throw new Error(`no ${count} free ports found between ${LOWEST} and ${HIGHEST}`);
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (handedOut.has(port) || !(await isFree(port))) continue;
    handedOut.add(port);
    ports.add(port);
  }
  return [...ports];
}
