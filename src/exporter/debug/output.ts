import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { SpanloomError } from '../../error.ts';
import { plain } from '../../terminal/paint.ts';
import { type Style, styleFor, UNICODE } from './tree/style.ts';

/** Where a debug exporter prints to. */
export interface Output {
  readonly style: Style;
  /** Resolves when more may be written. */
  write(text: string): Promise<void>;
  close(): Promise<void>;
}

/** `stdout`, `stderr`, or a file that is appended to. */
export async function openOutput(path: string): Promise<Output> {
  if (path === 'stdout' || path === 'stderr') {
    const stream = process[path];
    // A reader that went away (`| head`) must not end the pipeline.
    const ignore = () => {};
    stream.on('error', ignore);
    return {
      style: styleFor(stream),
      write: (text) => write(stream, text),
      close: async () => {
        stream.off('error', ignore);
      },
    };
  }
  try {
    const file = await open(path, 'a');
    const stream = createWriteStream(path, { fd: file });
    return {
      style: { glyphs: UNICODE, paint: plain, width: Number.POSITIVE_INFINITY },
      write: (text) => write(stream, text),
      close: () => finished(stream.end()),
    };
  } catch (error) {
    throw new SpanloomError(
      'SPANLOOM_OUTPUT_PATH',
      `output_paths: can not write to ${JSON.stringify(path)}: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

async function write(stream: Writable, text: string): Promise<void> {
  if (!stream.writable || stream.write(text)) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      stream.off('drain', done);
      stream.off('error', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('error', done);
  });
}
