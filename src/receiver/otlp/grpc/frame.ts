import { PREFIX_BYTES } from '../../../otlp/wire/grpc-prefix.ts';
import type { Body } from '../body.ts';
import { decompress, isSupported, TooLargeError } from '../decompress.ts';
import { GRPC, Refusal } from '../refusal.ts';

/** What `grpc-accept-encoding` says of this receiver. */
export const ACCEPTED_ENCODINGS = 'identity,gzip,deflate';

/** The prefixed empty message: the `Export<Signal>ServiceResponse` of full success. */
export const EMPTY_MESSAGE = Buffer.alloc(PREFIX_BYTES);

const internal = (message: string, cause?: unknown) =>
  new Refusal('malformed', GRPC.INTERNAL, 500, message, undefined, { cause });

/**
 * Refuses a message longer than `limit` as soon as its prefix is there.
 *
 * @returns its length, or undefined while the prefix is not complete.
 */
export function announcedLength(body: Body, limit: number): number | undefined {
  if (body.length < PREFIX_BYTES) return undefined;
  const length = ((body.byte(1) << 24) | (body.byte(2) << 16) | (body.byte(3) << 8) | body.byte(4)) >>> 0;
  if (length > limit)
    throw new Refusal(
      'too_large',
      GRPC.RESOURCE_EXHAUSTED,
      413,
      `grpc: received message larger than max (${length} vs. ${limit})`,
    );
  return length;
}

/** The one message of a unary request whose stream has ended. `encoding` is its `grpc-encoding`. */
export async function unframe(body: Body, encoding: string | undefined, limit: number): Promise<Uint8Array> {
  const length = announcedLength(body, limit);
  if (length === undefined)
    throw internal(body.length === 0 ? 'the request has no message' : 'the message prefix is cut off');
  const end = PREFIX_BYTES + length;
  if (body.length < end)
    throw internal(`the message has ${body.length - PREFIX_BYTES} of ${length} announced bytes`);
  if (body.length > end) throw internal('a unary request has one message, and more than one came');
  const message = body.copy(PREFIX_BYTES, end);
  const compressed = body.byte(0);
  if (compressed === 0) return message;
  if (compressed !== 1) throw internal(`the message has unknown flags ${compressed}`);
  if (encoding === undefined || encoding === 'identity')
    throw internal('the message is compressed and grpc-encoding does not say how');
  if (!isSupported(encoding)) throw unsupportedEncoding(encoding);
  try {
    return await decompress(encoding, message, limit);
  } catch (error) {
    if (error instanceof TooLargeError)
      throw new Refusal(
        'too_large',
        GRPC.RESOURCE_EXHAUSTED,
        413,
        `grpc: received message after decompression larger than max ${limit}`,
      );
    throw internal(`the message can not be decompressed as ${encoding}: ${(error as Error).message}`, error);
  }
}

export function unsupportedEncoding(encoding: string): Refusal {
  return new Refusal(
    'unsupported_encoding',
    GRPC.UNIMPLEMENTED,
    400,
    `grpc: Decompressor is not installed for grpc-encoding ${JSON.stringify(encoding)}, supported: ${ACCEPTED_ENCODINGS}`,
  );
}
