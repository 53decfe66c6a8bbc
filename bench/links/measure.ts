import { linksOf } from '../../test/support/links.ts';
import { judge, type Verdicts } from './judge.ts';
import { replayLinks } from './replay.ts';

/** What can be said of a recording. */
export interface Measured extends Verdicts {
  /** Labels found in the captured bytes. */
  readonly labels: number;
  /** Links that differ when every label byte is blanked. */
  readonly changedByBlanking: number;
  /** Records that the capture could not keep. */
  readonly lost: number;
}

export interface Recorded {
  readonly file: string;
  readonly calls: readonly string[];
  readonly sampledOut?: readonly string[];
  readonly correlate?: Readonly<Record<string, unknown>>;
}

/** Judges the links of a recording, and whether they rest on labels. */
export async function measure({ file, calls, sampledOut = [], correlate = {} }: Recorded): Promise<Measured> {
  const replayed = await replayLinks({ file, correlate });
  const blank = await replayLinks({ file, correlate, without: replayed.places });
  const before = linksOf(replayed.spans);
  const after = new Set(linksOf(blank.spans));
  return {
    ...judge(replayed, calls, sampledOut),
    labels: replayed.places.count,
    changedByBlanking: before.filter((link) => !after.has(link)).length,
    lost: replayed.lost,
  };
}
