import {
  type ClientHttp2Session,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { TRACES } from './grpc-client.ts';

export interface RawAnswer {
  readonly status: number;
  /** Headers and trailers together. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/** A message with its gRPC prefix. `length` lies about it. */
export function frame(message: Uint8Array, { flags = 0, length = message.length } = {}): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flags;
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
}

/** One HTTP/2 connection on which a test sends what no gRPC library would. */
export class RawGrpc {
  readonly session: ClientHttp2Session;

  constructor(port: number) {
    this.session = connect(`http://127.0.0.1:${port}`);
    this.session.on('error', () => {});
  }

  /** Sends the chunks, in DATA frames of their own, then ends the request unless `end` is false. */
  call(chunks: readonly Uint8Array[], headers: OutgoingHttpHeaders = {}, end = true): Promise<RawAnswer> {
    return new Promise((done, failed) => {
      const stream = this.session.request({
        ':method': 'POST',
        ':path': TRACES,
        'content-type': 'application/grpc',
        te: 'trailers',
        ...headers,
      });
      const seen: Record<string, string | undefined> = {};
      const parts: Buffer[] = [];
      const keep = (more: IncomingHttpHeaders) => Object.assign(seen, more);
      stream.on('response', keep);
      stream.on('trailers', keep);
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('error', failed);
      stream.on('close', () =>
        done({ status: Number(seen[':status']), headers: seen, body: Buffer.concat(parts) }),
      );
      for (const chunk of chunks) stream.write(chunk);
      if (end) stream.end();
    });
  }

  close(): void {
    this.session.destroy();
  }
}
