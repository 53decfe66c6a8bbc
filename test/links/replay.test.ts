import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { misses } from '../../bench/links/bars.ts';
import { fixtureNames, HOW_TO_RECORD, readFixture } from '../../bench/links/fixture.ts';
import { measure } from '../../bench/links/measure.ts';
import { CASES } from '../../bench/links/registry.ts';
import { variantName } from '../../bench/links/results.ts';

/** Recordings hold records as the kernel side wrote them: a change of `bpf/include/events.h` asks for new ones. */
describe('recorded captures of real programs are linked within the bars of the benchmark', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'spanloom-links-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  const names = fixtureNames();
  it.skipIf(names.length > 0 || process.env.CI === 'true')(
    `skipped: there are none (${HOW_TO_RECORD})`,
    (test) => test.skip(),
  );
  it.runIf(process.env.CI === 'true')('and there are some', () => expect(names).not.toEqual([]));

  it.each(names)('%s', async (name) => {
    const file = join(directory, name);
    const fixture = readFixture(name, file);
    const linkCase = CASES.find((known) => known.name === fixture.case);
    const variant = linkCase?.variants.find((known) => variantName(known) === fixture.variant);
    if (!variant) throw new Error(`${name} is of a case that there is no more: remove it`);
    const measured = await measure(fixture).catch((cause: unknown) => {
      throw new Error(`${name} can not be replayed; all are made again by ${HOW_TO_RECORD}`, { cause });
    });
    rmSync(file);
    if (fixture.far) rmSync(fixture.far.file);
    expect(misses(measured, variant)).toEqual([]);
  });
});
