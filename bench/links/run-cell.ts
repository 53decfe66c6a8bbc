import { isProgram, onPath } from '../../test/support/on-path.ts';
import { misses } from './bars.ts';
import { type CellId, captureCell } from './capture.ts';
import type { LinkCase } from './case.ts';
import { removeFixture, writeFixture } from './fixture.ts';
import { measure } from './measure.ts';
import { type CellResult, variantName } from './results.ts';
import { measureVerify } from './verify.ts';
import { disagreements } from './verify-agrees.ts';

/** Why a case cannot run on this machine; undefined where it can. */
export function missingNeed({ needs = [] }: LinkCase): string | undefined {
  const missing = needs.filter(
    ({ program }) => !(program.includes('/') ? isProgram(program) : onPath(program)),
  );
  if (missing.length === 0) return undefined;
  return missing.map(({ program, from }) => `${program} is missing (${from})`).join(', ');
}

export interface RunOptions {
  /** About how many calls to make. */
  readonly calls: number;
  readonly machine: string;
  /** Keeps the recording for the tests, if the row is within its bars, instead of one from an earlier run. */
  readonly fixture: boolean;
}

/** Runs one row; what goes wrong becomes its result. */
export async function runCell(cell: CellId, options: RunOptions): Promise<CellResult> {
  const { linkCase, variant, concurrency } = cell;
  const row = { case: linkCase.name, variant: variantName(variant), concurrency };
  const date = new Date().toISOString().slice(0, 10);
  const { machine } = options;
  const why = missingNeed(linkCase);
  if (why !== undefined) return { ...row, date, machine, state: 'not tested', why };
  if (options.fixture) removeFixture(row);
  try {
    return await captureCell(cell, options.calls, async ({ requests, ...captured }) => {
      const measured = await measure(captured);
      const verification = captured.correlate.verify ? await measureVerify(captured) : undefined;
      const missed = [...misses(measured, variant), ...(verification ? disagreements(verification) : [])];
      const { file, far, ...truth } = captured;
      // What met live is not what a replay shows.
      if (options.fixture && missed.length === 0 && !far?.spans)
        writeFixture({ ...row, ...truth, ...(far && { right: far.right }) }, file, far?.file);
      const versions = linkCase.versions();
      return {
        ...row,
        date,
        machine,
        state: 'measured',
        versions,
        requests,
        ...measured,
        ...(verification && { verification }),
        misses: missed,
      };
    });
  } catch (error) {
    return { ...row, date, machine, state: 'failed', why: firstLine(error) };
  }
}

/** What the page takes of an error; the rest, such as what programs wrote, is for who watches. */
function firstLine(error: unknown): string {
  console.error(error);
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line;
}
