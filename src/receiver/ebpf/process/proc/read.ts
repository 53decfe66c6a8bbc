import { closeSync, constants, openSync, readlinkSync, readSync } from 'node:fs';

/** Nothing here waits between filling it and copying out of it. */
const scratch = Buffer.allocUnsafe(64 * 1024);

/**
 * The first `limit` bytes of a file, or undefined where it can not be read.
 *
 * Files of /proc say they are empty and end when a read returns nothing. A process may vanish, or be out of reach,
 * at any moment: both are ordinary here, so no reader of this folder throws.
 */
export function readBytes(path: string, limit: number): Buffer | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    return readFrom(fd, 0, limit);
  } finally {
    closeSync(fd);
  }
}

/** `length` bytes of an open file from `position` on; fewer at its end, undefined where it can not be read. */
export function readFrom(fd: number, position: number, length: number): Buffer | undefined {
  const chunks: Buffer[] = [];
  let total = 0;
  try {
    while (total < length) {
      const count = readSync(fd, scratch, 0, Math.min(scratch.length, length - total), position + total);
      if (count === 0) break;
      chunks.push(Buffer.from(scratch.subarray(0, count)));
      total += count;
    }
  } catch {
    return undefined;
  }
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
}

/** As `readBytes`, decoded as UTF-8; what is not UTF-8 is replaced. */
export function readText(path: string, limit: number): string | undefined {
  return readBytes(path, limit)?.toString('utf8');
}

/** Target of a symbolic link, or undefined where it can not be read. */
export function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
