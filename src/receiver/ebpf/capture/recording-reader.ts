import { closeSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { SpanloomError } from '../../../error.ts';
import {
  decodeHeader,
  FRAME,
  FRAME_HEADER_BYTES,
  type Frame,
  type FrameType,
  HEADER_BYTES,
  LARGEST_PAYLOAD,
} from './recording-format.ts';

const CHUNK = 1 << 18;
const MILLISECOND = 1_000_000n;
const FRAME_TYPES = new Set<number>(Object.values(FRAME));

/**
 * When a recording starts, Unix nanoseconds, the last whole millisecond before: the epoch of the clock that replays it.
 * Throws `SPANLOOM_RECORDING_READ`, `_INVALID` and `_VERSION`.
 */
export function readRecordingStart(file: string): bigint {
  const header = Buffer.alloc(HEADER_BYTES);
  let length: number;
  try {
    const fd = openSync(file, 'r');
    try {
      length = readSync(fd, header);
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    throw readError(file, cause);
  }
  return (decodeHeader(file, header.subarray(0, length)) / MILLISECOND) * MILLISECOND;
}

/**
 * The frames of a recording, in order. A payload is valid until the next frame is asked for.
 *
 * A last frame that is not whole is left out, and `onTruncated` is told. Throws what `readRecordingStart` throws, and
 * `SPANLOOM_RECORDING_CORRUPT` for a frame that cannot be one.
 */
export async function* readRecording(
  file: string,
  onTruncated: (message: string) => void,
): AsyncGenerator<Frame, void, undefined> {
  const handle = await open(file, 'r').catch((cause: unknown) => {
    throw readError(file, cause);
  });
  try {
    const input = new Input(file, handle);
    decodeHeader(file, (await input.take(HEADER_BYTES)) ?? input.rest());
    let whole = input.position;
    for (;;) {
      const header = await input.take(FRAME_HEADER_BYTES);
      if (!header) break;
      const length = header.readUInt32LE(0);
      const type = header[4]!;
      const time = header.readBigUInt64LE(8);
      if (!FRAME_TYPES.has(type) || length > LARGEST_PAYLOAD)
        throw new SpanloomError(
          'SPANLOOM_RECORDING_CORRUPT',
          `${file} is damaged at byte ${whole}: no frame has type ${type} and ${length} bytes.`,
        );
      const payload = await input.take(length);
      if (!payload) break;
      whole = input.position;
      yield { type: type as FrameType, time, payload };
    }
    const left = input.position + input.rest().length - whole;
    if (left > 0)
      onTruncated(
        `${file} ends in the middle of a frame: its last ${left} bytes are left out. Whoever recorded it was stopped.`,
      );
  } finally {
    await handle.close();
  }
}

/** Reads a file in large pieces and hands out exact lengths. */
class Input {
  readonly #file: string;
  readonly #handle: FileHandle;
  #buffer = Buffer.alloc(0);
  position = 0;

  constructor(file: string, handle: FileHandle) {
    this.#file = file;
    this.#handle = handle;
  }

  /** The next `length` bytes; undefined where the file has not as many left. */
  async take(length: number): Promise<Buffer | undefined> {
    while (this.#buffer.length < length) {
      const more = Buffer.allocUnsafe(Math.max(CHUNK, length - this.#buffer.length));
      const { bytesRead } = await this.#handle.read(more).catch((cause: unknown) => {
        throw readError(this.#file, cause);
      });
      if (bytesRead === 0) return undefined;
      this.#buffer = Buffer.concat([this.#buffer, more.subarray(0, bytesRead)]);
    }
    const taken = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.subarray(length);
    this.position += length;
    return taken;
  }

  rest(): Buffer {
    return this.#buffer;
  }
}

function readError(file: string, cause: unknown): SpanloomError {
  return new SpanloomError(
    'SPANLOOM_RECORDING_READ',
    `Cannot read the recording ${file}: ${(cause as Error).message}.`,
    { cause },
  );
}
