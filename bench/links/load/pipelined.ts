import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Job, LabelledRequest, Load } from '../case.ts';
import { LABEL_HEADER } from '../label.ts';

/** The end of an answer's head, and the body of two bytes that every program here answers with. */
const ANSWER_END = /\r\n\r\n.{2}/gs;

/**
 * Each of `concurrency` connections to a port of 127.0.0.1 sends `depth` requests in one write and one more for each
 * answer that comes.
 */
export function pipelined(port: number, depth: number): Load {
  return async ({ requests, concurrency, signal }: Job) => {
    const waiting = requests.values();
    await Promise.all(
      Array.from({ length: concurrency }, async () => {
        const socket = connect(port, '127.0.0.1');
        socket.setNoDelay(true);
        const stop = () => socket.destroy(new Error('the time for this run is over'));
        signal.addEventListener('abort', stop);
        try {
          await once(socket, 'connect');
          await converse(socket, depth, waiting);
        } finally {
          signal.removeEventListener('abort', stop);
          socket.destroy();
        }
      }),
    );
  };
}

function converse(socket: Socket, depth: number, waiting: Iterator<LabelledRequest>): Promise<void> {
  return new Promise((resolve, reject) => {
    let open = 0;
    let text = '';
    const send = (count: number) => {
      let out = '';
      for (let i = 0; i < count; i++) {
        const { value, done } = waiting.next();
        if (done) break;
        out += `GET ${value.path} HTTP/1.1\r\nhost: a\r\n${LABEL_HEADER}: ${value.label}\r\n\r\n`;
        open++;
      }
      if (out !== '') socket.write(out);
      if (open === 0) resolve();
    };
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`a connection was closed with ${open} requests unanswered`)));
    socket.on('data', (data) => {
      text += data.toString('latin1');
      let answered = 0;
      let end = 0;
      for (const match of text.matchAll(ANSWER_END)) {
        answered++;
        end = match.index + match[0].length;
      }
      text = text.slice(end);
      open -= answered;
      if (answered > 0) send(answered);
    });
    send(depth);
  });
}
