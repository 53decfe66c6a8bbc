import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { framedInPlace, PREFIX_BYTES, putPrefix } from '../../otlp/wire/grpc-prefix.ts';
import { MAX_RESPONSE_BYTES } from '../client/limits.ts';

const inflate = promisify(gunzip);

/**
 * The message with its prefix: copied where that does not stand before it already, since a single DATA write costs less
 * than the copy of a usual batch.
 */
export function frame(message: Uint8Array, compressed: boolean): Uint8Array {
  const framed = compressed ? undefined : framedInPlace(message);
  if (framed) return framed;
  const out = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  putPrefix(out, compressed ? 1 : 0, message.length);
  out.set(message, PREFIX_BYTES);
  return out;
}

/**
 * The one message of a unary response.
 *
 * @param encoding the response's `grpc-encoding`.
 * @throws {SyntaxError} when the bytes are no such message.
 */
export async function unframe(data: Buffer, encoding: string | undefined): Promise<Uint8Array> {
  if (data.length < PREFIX_BYTES || data.readUInt32BE(1) !== data.length - PREFIX_BYTES)
    throw new SyntaxError(`expected one length-prefixed message, got ${data.length} bytes that are not`);
  const message = data.subarray(PREFIX_BYTES);
  if (data[0] === 0) return message;
  if (encoding !== 'gzip')
    throw new SyntaxError(`the response is compressed with ${encoding ?? 'nothing named'}`);
  return inflate(message, { maxOutputLength: MAX_RESPONSE_BYTES });
}
