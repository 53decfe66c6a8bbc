import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { inRepository } from '../common/repository.ts';

/** A recording with the truth about it, small enough to be kept in the repository. */
export interface Fixture {
  readonly case: string;
  readonly variant: string;
  readonly concurrency: number;
  readonly calls: readonly string[];
  readonly correlate: Readonly<Record<string, unknown>>;
}

export const FIXTURES = inRepository('test/links/recordings');
/** How all of them are made again, for messages. */
export const HOW_TO_RECORD = 'npm run bench:links -- --record-fixtures';

const ENDING = '.capture';

/** One compressed file: a line of JSON, then the recording. */
export function writeFixture(fixture: Fixture, recording: string): void {
  mkdirSync(FIXTURES, { recursive: true });
  const plain = Buffer.concat([Buffer.from(`${JSON.stringify(fixture)}\n`), readFileSync(recording)]);
  const name = `${fixture.case}.${fixture.variant}.${fixture.concurrency}${ENDING}`;
  writeFileSync(
    join(FIXTURES, name),
    brotliCompressSync(plain, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 9,
        [constants.BROTLI_PARAM_LGWIN]: 24,
        [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
      },
    }),
  );
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
