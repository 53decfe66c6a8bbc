import { join } from 'node:path';
import { startSpanloom } from '../../../examples/shop/run/spanloom.ts';
import { readSpans, type Span } from '../../../test/support/otlp-json.ts';
import type { FarHost, Place } from '../case.ts';
import { outputOf, writeConfig } from '../spanloom-config.ts';

/** What the Spanloom of a second host recorded. */
export interface CapturedFar {
  readonly file: string;
  readonly right: FarHost['right'];
  /** The output of both Spanlooms, where they met live. */
  readonly spans: readonly Span[] | undefined;
}

export interface StartedFar {
  /** Ends it, after the first host's. */
  stop(): Promise<CapturedFar>;
}

/** How far the second host's clock is ahead. */
const CLOCKS_DIFFER_MS = 200;

/** Starts the Spanloom of a second host beside the first one's. */
export async function startFar(
  place: Place,
  { instrument, rendezvous, right }: FarHost,
): Promise<StartedFar> {
  const { workDir } = place;
  const file = join(workDir, 'far.rec');
  const spanloom = await startSpanloom({
    configFile: writeConfig(workDir, 'far', { instrument, record: file, ...(rendezvous && { rendezvous }) }),
    logFile: join(workDir, 'far.log'),
    env: { SPANLOOM_TEST_CLOCK_SHIFT_MS: String(CLOCKS_DIFFER_MS) },
  });
  place.onStop(() => spanloom.stop());
  return {
    stop: async () => {
      if (spanloom.exit !== undefined) throw spanloom.failure(spanloom.exit);
      await spanloom.stop();
      const spans = ['spanloom', 'far'].flatMap((name) => readSpans(outputOf(workDir, name)));
      return { file, right, spans: rendezvous && spans };
    },
  };
}
