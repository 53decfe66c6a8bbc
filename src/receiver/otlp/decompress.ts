import { promisify } from 'node:util';
import { gunzip, gunzipSync, inflate, inflateSync } from 'node:zlib';

/** Below this the way to the thread pool and back takes longer than decompressing. */
const SYNC_BYTES = 16 * 1024;

const inPool = { gzip: promisify(gunzip), zlib: promisify(inflate) };

/**
 * The format that an encoding's name stands for; `deflate` of HTTP and of gRPC is the zlib format (RFC 9110,
 * 8.4.1.2).
 */
const FORMATS: Readonly<Record<string, 'identity' | 'gzip' | 'zlib'>> = {
  '': 'identity',
  identity: 'identity',
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'zlib',
  zlib: 'zlib',
};

export function isSupported(encoding: string): boolean {
  return Object.hasOwn(FORMATS, encoding);
}

/** The decompressed bytes are more than the limit. Nothing beyond it was produced. */
export class TooLargeError extends Error {}

/**
 * Decompresses to at most `limit` bytes. A body of exactly one member is expected, as clients send it.
 *
 * @throws {TooLargeError} and errors of zlib for what is no such format.
 */
export async function decompress(encoding: string, data: Uint8Array, limit: number): Promise<Uint8Array> {
  const format = FORMATS[encoding]!;
  if (format === 'identity') return data;
  const options = { maxOutputLength: Math.max(1, limit) };
  try {
    if (data.length >= SYNC_BYTES) return plain(await inPool[format](data, options));
    return plain(format === 'gzip' ? gunzipSync(data, options) : inflateSync(data, options));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new TooLargeError('too large', { cause: error });
    throw error;
  }
}

/**
 * The same bytes as a plain array: code that reads only those is faster than code that sees a Buffer now and
 * then.
 */
function plain({ buffer, byteOffset, length }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}
