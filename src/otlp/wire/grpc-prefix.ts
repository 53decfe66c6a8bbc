/** Length-prefixed message of gRPC over HTTP/2: one byte of flags, four bytes of length, big-endian. */
export const PREFIX_BYTES = 5;

/**
 * Zeroed room for a message of `length` bytes. The prefix of an uncompressed message stands before it, so that it can be
 * sent by gRPC without a copy.
 */
export function allocateMessage(length: number): Uint8Array {
  const framed = new Uint8Array(PREFIX_BYTES + length);
  putPrefix(framed, 0, length);
  return framed.subarray(PREFIX_BYTES);
}

/** Writes the prefix of a message to the start of `framed`. */
export function putPrefix(framed: Uint8Array, flags: number, length: number): void {
  framed[0] = flags;
  framed[1] = length >>> 24;
  framed[2] = length >>> 16;
  framed[3] = length >>> 8;
  framed[4] = length;
}

/** The uncompressed message with its prefix, if that happens to stand before it in memory. */
export function framedInPlace({ buffer, byteOffset, length }: Uint8Array): Uint8Array | undefined {
  if (byteOffset < PREFIX_BYTES) return undefined;
  const framed = new Uint8Array(buffer, byteOffset - PREFIX_BYTES, PREFIX_BYTES + length);
  const announced = ((framed[1]! << 24) | (framed[2]! << 16) | (framed[3]! << 8) | framed[4]!) >>> 0;
  return framed[0] === 0 && announced === length ? framed : undefined;
}
