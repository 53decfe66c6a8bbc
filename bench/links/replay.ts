import type { Exchange } from '../../src/receiver/ebpf/exchange.ts';
import type { Span } from '../../test/support/otlp-json.ts';
import { FirstEgress, TimeOnly } from './baselines.ts';
import type { LabelPlaces } from './label-places.ts';
import { type PipelineOptions, PipelineReplay } from './pipeline-replay.ts';

export type ReplayOptions = Pick<PipelineOptions, 'file' | 'correlate' | 'without' | 'observer'>;

/** What a recording shows and what three linkers make of it. */
export interface Replayed {
  /** In the order in which their requests were complete. */
  readonly exchanges: readonly Exchange[];
  readonly places: LabelPlaces;
  /** Spanloom's output. */
  readonly spans: readonly Span[];
  readonly firstEgress: ReadonlyMap<Exchange, Exchange>;
  readonly timeOnly: ReadonlyMap<Exchange, Exchange>;
  /** Records that the capture could not keep. */
  readonly lost: number;
}

/** Runs a recording through capture, `correlate` and the baselines, in memory and with the recording's own time. */
export async function replayLinks(options: ReplayOptions): Promise<Replayed> {
  const baselines = [new FirstEgress(), new TimeOnly()] as const;
  const pipeline = new PipelineReplay({
    ...options,
    observe: (activity) => {
      for (const baseline of baselines) baseline.observe(activity);
    },
  });
  await pipeline.run();
  pipeline.finish();
  const [firstEgress, timeOnly] = baselines;
  const { exchanges, places, spans, lost } = pipeline;
  return { exchanges, places, spans, firstEgress: firstEgress.links, timeOnly: timeOnly.links, lost };
}
