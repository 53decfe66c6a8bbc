import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { inRepository } from '../common/repository.ts';

interface Row {
  readonly case: string;
  readonly variant: string;
  readonly concurrency: number;
}

/** A recording with the truth about it, small enough to be kept in the repository. */
export interface Fixture extends Row {
  readonly calls: readonly string[];
  /** Missing where there are none. */
  readonly sampledOut?: readonly string[];
  readonly correlate: Readonly<Record<string, unknown>>;
}

export const FIXTURES = inRepository('test/links/recordings');
/** How all of them are made again, for messages. */
export const HOW_TO_RECORD = 'npm run bench:links -- --record-fixtures';

const ENDING = '.capture';

function fileOf(row: Row): string {
  return join(FIXTURES, `${row.case}.${row.variant}.${row.concurrency}${ENDING}`);
}

/** One compressed file: a line of JSON, then the recording. */
export function writeFixture(fixture: Fixture, recording: string): void {
  mkdirSync(FIXTURES, { recursive: true });
  const plain = Buffer.concat([Buffer.from(`${JSON.stringify(fixture)}\n`), readFileSync(recording)]);
  writeFileSync(
    fileOf(fixture),
    brotliCompressSync(plain, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 9,
        [constants.BROTLI_PARAM_LGWIN]: 24,
        [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
      },
    }),
  );
}

/** An older recording of a row that could not be recorded again. */
export function removeFixture(row: Row): void {
  rmSync(fileOf(row), { force: true });
}

/** Names of the files there are. */
export function fixtureNames(): string[] {
  try {
    return readdirSync(FIXTURES).filter((name) => name.endsWith(ENDING));
  } catch {
    return [];
  }
}

/** Unpacks the recording into `file`. */
export function readFixture(name: string, file: string): Fixture {
  const plain = brotliDecompressSync(readFileSync(join(FIXTURES, name)));
  const line = plain.indexOf('\n');
  writeFileSync(file, plain.subarray(line + 1));
  return JSON.parse(plain.toString('utf8', 0, line)) as Fixture;
}
