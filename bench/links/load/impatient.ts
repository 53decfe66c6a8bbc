import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, Load } from '../case.ts';
import { LABEL_HEADER } from '../label.ts';

/** Clients that close their connection `afterMs` after the request, answered or not, and wait as long again. */
export function impatient(port: number, afterMs: number): Load {
  return async ({ requests, concurrency, signal }: Job) => {
    const waiting = requests.values();
    const client = async () => {
      for (const { label, path } of waiting) {
        signal.throwIfAborted();
        const socket = connect(port, '127.0.0.1');
        // A server that answers a closed connection resets it.
        socket.on('error', () => {});
        await once(socket, 'connect');
        socket.write(`GET ${path} HTTP/1.1\r\nhost: a\r\n${LABEL_HEADER}: ${label}\r\n\r\n`);
        await sleep(afterMs);
        socket.destroy();
        await sleep(afterMs);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, client));
  };
}
