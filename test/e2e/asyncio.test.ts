import { mkdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { captureCell } from '../../bench/links/capture.ts';
import { asyncioCases } from '../../bench/links/cases/asyncio/case.ts';
import { measure } from '../../bench/links/measure.ts';
import { CACHE } from '../../bench/links/place.ts';
import { missingNeed } from '../../bench/links/run-cell.ts';
import { whyNoCapture } from '../capture/support/live.ts';

const CALLS = 300;
/** Of all calls; of the links made all are right. */
const RECALL = 0.99;

/** Why Python programs can not be watched here; undefined where they can. On CI a machine that cannot is a failure. */
function whyNot(): string | undefined {
  for (const linkCase of asyncioCases) {
    const missing = missingNeed(linkCase);
    if (missing === undefined) continue;
    if (process.env.CI === 'true') throw new Error(missing);
    process.stderr.write(`skipped: ${missing}\n`);
    return missing;
  }
  return whyNoCapture();
}

describe.skipIf(whyNot())('calls of Python programs on event loops', () => {
  beforeAll(async () => {
    mkdirSync(CACHE, { recursive: true });
    for (const linkCase of asyncioCases) await linkCase.prepare?.(CACHE);
  });

  describe.each(asyncioCases)('$name', (linkCase) => {
    it.each([1, 50])(
      'are linked to the request whose task made them, those of no request to none: %i at a time',
      async (concurrency) => {
        const cell = { linkCase, variant: linkCase.variants[0], concurrency };
        const measured = await captureCell(cell, CALLS, measure);
        const { calls, right, wrong } = measured.spanloom;
        expect(wrong).toBe(0);
        expect(right / calls).toBeGreaterThanOrEqual(RECALL);
        expect(measured.changedByBlanking).toBe(0);
      },
    );
  });
});
