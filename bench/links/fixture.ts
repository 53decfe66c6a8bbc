import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { inRepository } from '../common/repository.ts';
import type { FarHost } from './case.ts';
import type { Recorded } from './measure.ts';

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
  /** Of two hosts: what is right for a request on the second one, whose recording follows. */
  readonly right?: FarHost['right'];
}

export const FIXTURES = inRepository('test/links/recordings');
/** How all of them are made again, for messages. */
export const HOW_TO_RECORD = 'npm run bench:links -- --record-fixtures';

const ENDING = '.capture';

function fileOf(row: Row): string {
  return join(FIXTURES, `${row.case}.${row.variant}.${row.concurrency}${ENDING}`);
}

/** One compressed file: a line of JSON, then the recording, or two. */
export function writeFixture(fixture: Fixture, recording: string, farRecording?: string): void {
  mkdirSync(FIXTURES, { recursive: true });
  const first = readFileSync(recording);
  const second = farRecording === undefined ? Buffer.alloc(0) : readFileSync(farRecording);
  const head = JSON.stringify({ ...fixture, ...(farRecording !== undefined && { bytes: first.length }) });
  const plain = Buffer.concat([Buffer.from(`${head}\n`), first, second]);
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

/** Unpacks the recording into `file`, a second host's into a file beside it. */
export function readFixture(name: string, file: string): Fixture & Recorded {
  const plain = brotliDecompressSync(readFileSync(join(FIXTURES, name)));
  const line = plain.indexOf('\n');
  const { bytes, ...fixture } = JSON.parse(plain.toString('utf8', 0, line)) as Fixture & { bytes?: number };
  const recordings = plain.subarray(line + 1);
  writeFileSync(file, recordings.subarray(0, bytes));
  const { right } = fixture;
  if (bytes === undefined || right === undefined) return { ...fixture, file };
  const farFile = `${file}.far`;
  writeFileSync(farFile, recordings.subarray(bytes));
  return { ...fixture, file, far: { file: farFile, right, spans: undefined } };
}
