import { isProgram, onPath } from '../../test/support/on-path.ts';
import { misses } from './bars.ts';
import { type CellId, captureCell } from './capture.ts';
import type { LinkCase } from './case.ts';
import { writeFixture } from './fixture.ts';
import { measure } from './measure.ts';
import { type CellResult, variantName } from './results.ts';

/** Why a case cannot run on this machine; undefined where it can. */
export function missingNeed({ needs = [] }: LinkCase): string | undefined {
  const missing = needs.filter(
    ({ program }) => !(program.includes('/') ? isProgram(program) : onPath(program)),
  );
  if (missing.length === 0) return undefined;
  return missing.map(({ program, from }) => `${program} is missing (${from})`).join(', ');
}

/** Runs one row; what goes wrong becomes its result. */
export async function runCell(
  cell: CellId,
  calls: number,
  machine: string,
  fixture: boolean,
): Promise<CellResult> {
  const { linkCase, variant, concurrency } = cell;
  const id = {
    case: linkCase.name,
    variant: variantName(variant),
    concurrency,
    date: new Date().toISOString().slice(0, 10),
    machine,
  };
  const why = missingNeed(linkCase);
  if (why !== undefined) return { ...id, state: 'not tested', why };
  try {
    return await captureCell(cell, calls, async (captured) => {
      const measured = await measure(captured);
      if (fixture)
        writeFixture(
          {
            case: id.case,
            variant: id.variant,
            concurrency,
            calls: captured.calls,
            correlate: captured.correlate,
          },
          captured.file,
        );
      return {
        ...id,
        state: 'measured',
        versions: linkCase.versions(),
        requests: captured.requests,
        ...measured,
        misses: misses(measured, variant),
      };
    });
  } catch (error) {
    // The page takes the first line; what programs wrote is for who watches.
    console.error(error);
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return { ...id, state: 'failed', why: line };
  }
}
