import { mkdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { captureCell } from '../../bench/links/capture.ts';
import { goCase } from '../../bench/links/cases/go/case.ts';
import { measure } from '../../bench/links/measure.ts';
import { CACHE } from '../../bench/links/place.ts';
import { missingNeed } from '../../bench/links/run-cell.ts';
import { whyNoCapture } from '../capture/support/live.ts';

const CALLS = 300;
/** Of all calls; of the links made all are right. */
const RECALL = 0.99;

/** Why Go programs can not be watched here; undefined where they can. On CI a machine that cannot is a failure. */
function whyNot(): string | undefined {
  const missing = missingNeed(goCase('mixed'));
  if (missing === undefined) return whyNoCapture();
  if (process.env.CI === 'true') throw new Error(missing);
  process.stderr.write(`skipped: ${missing}\n`);
  return missing;
}

describe.skipIf(whyNot()).each([
  { build: 'as Go builds it', stripped: false, modes: ['proxy', 'new-connections', 'mixed', 'nested'] },
  { build: 'stripped', stripped: true, modes: ['mixed'] },
] as const)('calls of a Go program, $build,', ({ stripped, modes }) => {
  const cases = modes.map((mode) => goCase(mode, { stripped }));

  beforeAll(async () => {
    mkdirSync(CACHE, { recursive: true });
    for (const linkCase of cases) await linkCase.prepare?.(CACHE);
  });

  for (const linkCase of cases)
    it.each([1, 10, 50])(
      `are linked to the request that made them: ${linkCase.name}, %i at a time`,
      async (concurrency) => {
        const [variant] = linkCase.variants;
        const measured = await captureCell({ linkCase, variant, concurrency }, CALLS, measure);
        const { calls, right, wrong } = measured.spanloom;
        expect(wrong).toBe(0);
        expect(calls).toBeGreaterThanOrEqual(CALLS);
        expect(right / calls).toBeGreaterThanOrEqual(RECALL);
        expect(measured.changedByBlanking).toBe(0);
      },
    );
});

describe.skipIf(whyNot())('calls by workers of a Go program', () => {
  it.each(['workers', 'lazy-workers'] as const)(
    'are linked to no request, where only the program knows it: %s',
    async (mode) => {
      const linkCase = goCase(mode);
      mkdirSync(CACHE, { recursive: true });
      await linkCase.prepare?.(CACHE);
      const cell = { linkCase, variant: linkCase.variants[0], concurrency: 50 };
      const { spanloom } = await captureCell(cell, CALLS, measure);
      expect(spanloom).toMatchObject({ calls: CALLS, right: 0, wrong: 0 });
    },
  );
});
