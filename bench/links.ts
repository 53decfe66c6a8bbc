/**
 * How often Spanloom links a call to the request that caused it, on real programs under load.
 *
 *   npm run bench:links -- [--cases a,b] [--concurrency 1,10,50] [--calls 5000] [--record-fixtures] [--prepare]
 *
 * Rows are merged into docs/benchmarks/links.json, from which docs/benchmarks/links.md and verify.md are written, if they
 * have the 5 000 calls that the pages promise; with fewer they are only printed. `--record-fixtures` keeps a capture of each row, of about
 * 500 calls (a case may want more), for the tests (test/links/recordings) instead, if the row is within its bars. `--prepare` only builds what cases run: the
 * rest needs no network but loopback. Ends with 1 when a row misses its bars or has failed, with CI=true also when one
 * was not tested.
 */
import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { machineFacts } from './common/machine.ts';
import type { LinkCase } from './links/case.ts';
import { CACHE } from './links/place.ts';
import { progressLine } from './links/progress.ts';
import { CASES } from './links/registry.ts';
import { writeReport } from './links/report.ts';
import { type CellResult, cellName, mergeResult } from './links/results.ts';
import { missingNeed, runCell } from './links/run-cell.ts';
import { writeVerifyReport } from './links/verify-report.ts';

const FULL_CALLS = 5000;
const FIXTURE_CALLS = 500;

const { values } = parseArgs({
  options: {
    cases: { type: 'string' },
    concurrency: { type: 'string', default: '1,10,50' },
    calls: { type: 'string' },
    'record-fixtures': { type: 'boolean', default: false },
    prepare: { type: 'boolean', default: false },
  },
});
const fixtures = values['record-fixtures'];
const asked = values.calls === undefined ? undefined : Number(values.calls);
const concurrencies = values.concurrency.split(',').map(Number);
if (![asked ?? FULL_CALLS, ...concurrencies].every((value) => Number.isInteger(value) && value > 0))
  throw new RangeError('--calls and --concurrency take whole numbers above 0');
const cases = chosen(values.cases);

// Children are ended when this program exits; a signal must be an exit.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const machine = machineFacts()
  .replace(/^[^,]*, /, '')
  .replace(/; load.*$/, '');
mkdirSync(CACHE, { recursive: true });
let failed = false;
for (const linkCase of cases)
  try {
    if (missingNeed(linkCase) === undefined) await linkCase.prepare?.(CACHE);
  } catch (error) {
    // Its rows say that it could not be started.
    failed = true;
    console.error(`${linkCase.name} can not be prepared:`, error);
  }
if (values.prepare) process.exit(failed ? 1 : 0);

for (const linkCase of cases) {
  const calls = asked ?? (fixtures ? (linkCase.fixtureCalls ?? FIXTURE_CALLS) : FULL_CALLS);
  for (const variant of linkCase.variants)
    for (const concurrency of concurrencies) {
      const cell = { linkCase, variant, concurrency };
      const result = await runCell(cell, { calls, machine, fixture: fixtures });
      console.log(progressLine(cellName(cell), result));
      failed ||=
        result.state === 'failed' ||
        (result.state === 'not tested' && process.env.CI === 'true') ||
        (result.state === 'measured' && result.misses.length > 0);
      if (!fixtures && calls >= FULL_CALLS) writePages(mergeResult(result));
    }
}
process.exit(failed ? 1 : 0);

function writePages(results: readonly CellResult[]): void {
  writeReport(results);
  writeVerifyReport(results);
}

function chosen(names: string | undefined): readonly LinkCase[] {
  if (names === undefined) return CASES;
  return names.split(',').map((name) => {
    const found = CASES.find((linkCase) => linkCase.name === name);
    if (!found)
      throw new RangeError(
        `there is no case '${name}'; there are ${CASES.map((linkCase) => linkCase.name).join(', ')}`,
      );
    return found;
  });
}
