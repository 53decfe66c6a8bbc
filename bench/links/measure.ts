import { linksOf } from '../../test/support/links.ts';
import type { Span } from '../../test/support/otlp-json.ts';
import type { CapturedFar } from './far/capture.ts';
import { judgeHosts } from './far/judge.ts';
import { replayHosts } from './far/replay.ts';
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
  readonly far?: CapturedFar | undefined;
}

/** Judges the links of a recording, and whether they rest on labels. */
export async function measure({
  file,
  calls,
  sampledOut = [],
  correlate = {},
  far,
}: Recorded): Promise<Measured> {
  if (far) return measureHosts([file, far.file], far, calls, correlate);
  const replayed = await replayLinks({ file, correlate });
  const blank = await replayLinks({ file, correlate, without: replayed.places });
  return {
    ...judge(replayed, calls, sampledOut),
    labels: replayed.places.count,
    changedByBlanking: changed(replayed.spans, blank.spans),
    lost: replayed.lost,
  };
}

/** The same of what two hosts recorded. */
async function measureHosts(
  files: readonly [string, string],
  { spans: live, right }: CapturedFar,
  calls: readonly string[],
  correlate: Readonly<Record<string, unknown>>,
): Promise<Measured> {
  const hosts = await replayHosts({ files, correlate });
  const [near, far] = hosts;
  const blank = await replayHosts({ files, correlate, without: [near.places, far.places] });
  const spans = hosts.flatMap((host) => host.spans);
  return {
    ...judgeHosts({ near, far, spans: live ?? spans, right }, calls),
    labels: near.places.count + far.places.count,
    changedByBlanking: changed(
      spans,
      blank.flatMap((host) => host.spans),
    ),
    lost: near.lost + far.lost,
  };
}

/** How many links one has and the other has not. */
function changed(before: readonly Span[], after: readonly Span[]): number {
  const left = new Set(linksOf(after));
  return linksOf(before).filter((link) => !left.has(link)).length;
}
