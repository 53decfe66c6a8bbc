import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SpanloomError } from '../../error.ts';
import { putAside } from './backups.ts';
import type { FileConfig } from './config.ts';

const MEGABYTE = 1 << 20;

/** A file that records are appended to, one after the other, and that is put aside when it has grown enough. */
export class RotatingFile {
  readonly #config: FileConfig;
  readonly #maxBytes: number;
  #file: FileHandle | undefined;
  #size = 0;

  constructor(config: FileConfig) {
    this.#config = config;
    this.#maxBytes = config.rotation ? config.rotation.max_megabytes * MEGABYTE : Number.POSITIVE_INFINITY;
  }

  async open(): Promise<void> {
    const { path, append, rotation, create_directory } = this.#config;
    try {
      if (create_directory) await mkdir(dirname(path), { recursive: true });
      // With rotation what is there stays, and is put aside when full: as in the Collector.
      this.#file = await open(path, append || rotation ? 'a' : 'w');
      this.#size = (await this.#file.stat()).size;
    } catch (error) {
      throw new SpanloomError(
        'SPANLOOM_FILE_OPEN',
        `can not open ${JSON.stringify(path)} for writing: ${(error as Error).message}`,
        { cause: error },
      );
    }
  }

  /**
   * Appends as many of the records as the file has room for, at least one, and says how many. A record is never split
   * over two files, and a failure leaves none of these behind. Calls must not overlap.
   */
  async write(records: readonly Buffer[]): Promise<number> {
    if (this.#size > 0 && this.#size + records[0]!.length > this.#maxBytes) await this.#rotate();
    let count = 0;
    let bytes = 0;
    while (
      count < records.length &&
      (count === 0 || this.#size + bytes + records[count]!.length <= this.#maxBytes)
    )
      bytes += records[count++]!.length;
    const file = await this.#ready();
    try {
      await file.appendFile(Buffer.concat(records.slice(0, count), bytes));
    } catch (error) {
      await file.truncate(this.#size).catch(() => {});
      throw error;
    }
    this.#size += bytes;
    return count;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  async #rotate(): Promise<void> {
    const { path, rotation } = this.#config;
    await this.close();
    await putAside(path, rotation!.max_backups, new Date());
    this.#size = 0;
  }

  /** The file; opened anew after it was put aside. */
  async #ready(): Promise<FileHandle> {
    this.#file ??= await open(this.#config.path, 'a');
    return this.#file;
  }
}
