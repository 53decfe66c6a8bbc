import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { LABEL_HEADER } from './label.ts';

export interface UpstreamOptions {
  /** An answer takes a random time from 0 to this, milliseconds. Default 10. */
  readonly upToMs?: number;
  /** What is answered with; default: status 200. */
  readonly answer?: (request: IncomingMessage, attempt: number) => Answer;
}

/** A status, or `close`: the connection is cut without an answer. */
export type Answer = number | 'close';

export interface Upstream {
  readonly port: number;
  readonly url: string;
  /** Labels of the requests received, in order. */
  readonly received: readonly string[];
  stop(): void;
}

const BODY = 'ok';

/** An HTTP server that answers each request after a short random time and remembers its label. */
export async function startUpstream(port: number, options: UpstreamOptions = {}): Promise<Upstream> {
  const { upToMs = 10, answer = () => 200 } = options;
  const received: string[] = [];
  const attempts = new Map<string, number>();
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const label = String(request.headers[LABEL_HEADER] ?? '');
    received.push(label);
    const attempt = attempts.get(label) ?? 0;
    attempts.set(label, attempt + 1);
    request.resume();
    setTimeout(() => respond(response, answer(request, attempt)), Math.random() * upToMs);
  });
  // Whoever keeps connections decides when they end.
  server.keepAliveTimeout = 0;
  server.on('connection', (socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(port, '127.0.0.1', 1024);
  await once(server, 'listening');
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    received,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function respond(response: ServerResponse, answer: Answer): void {
  if (answer === 'close') {
    response.destroy();
    return;
  }
  response.sendDate = false;
  response.writeHead(answer, { 'content-length': BODY.length });
  response.end(BODY);
}
