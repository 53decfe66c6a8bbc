import type { IncomingMessage } from 'node:http';
import { Body } from '../body.ts';
import { GRPC, Refusal } from '../refusal.ts';

/**
 * Of a body that is refused for its size, so much more is read and thrown away, so that the client gets to
 * read the answer.
 */
const DISCARD_BYTES = 64 * 1024 * 1024;

export function tooLarge(limit: number): Refusal {
  return new Refusal(
    'too_large',
    GRPC.RESOURCE_EXHAUSTED,
    413,
    `the request body is larger than the ${limit} bytes that max_request_body_size allows`,
  );
}

function aborted(): Refusal {
  return new Refusal(
    'aborted',
    GRPC.CANCELLED,
    400,
    'the connection was closed before the end of the request',
  );
}

/**
 * The body as it came. Rejects with a `Refusal` as soon as it is known to be longer than `limit`, or the
 * client goes away.
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Uint8Array> {
  return new Promise((done, failed) => {
    const body = new Body();
    const discard = () => {
      failed(tooLarge(limit));
      let discarded = 0;
      request.removeAllListeners('data').on('data', (chunk: Uint8Array) => {
        discarded += chunk.length;
        if (discarded > DISCARD_BYTES) request.destroy();
      });
    };
    request.on('error', () => failed(aborted()));
    request.on('close', () => failed(aborted()));
    request.on('end', () => done(body.copy(0, body.length)));
    request.on('data', (chunk: Uint8Array) => {
      body.add(chunk);
      if (body.length > limit) discard();
    });
    if (Number(request.headers['content-length'] ?? 0) > limit) discard();
  });
}
