import { ManualClock } from '../../src/collector/clock.ts';
import { Counters } from '../../src/collector/counters.ts';
import { Correlator } from '../../src/correlate/correlator.ts';
import type { MergeObserver } from '../../src/correlate/observer.ts';
import { toJson } from '../../src/otlp/to-json.ts';
import { correlateConfig, correlateOptions } from '../../src/processor/correlate/config.ts';
import { readRecordingStart } from '../../src/receiver/ebpf/capture/recording-reader.ts';
import { ReplayCapture } from '../../src/receiver/ebpf/capture/replay.ts';
import type { CaptureSink } from '../../src/receiver/ebpf/capture/source.ts';
import type { Exchange } from '../../src/receiver/ebpf/exchange.ts';
import { Tracker } from '../../src/receiver/ebpf/tracker/tracker.ts';
import { type Span, spansOfJson } from '../../test/support/otlp-json.ts';
import { FirstEgress, TimeOnly } from './baselines.ts';
import { LabelPlaces, withoutLabels } from './label-places.ts';

export interface ReplayOptions {
  readonly file: string;
  /** The `correlate` section; default: its defaults. */
  readonly correlate?: Readonly<Record<string, unknown>>;
  /** Overwrites these labels before anything else sees them. */
  readonly without?: LabelPlaces;
  readonly observer?: MergeObserver;
}

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
export async function replayLinks({
  file,
  correlate = {},
  without,
  observer,
}: ReplayOptions): Promise<Replayed> {
  const clock = new ManualClock(readRecordingStart(file));
  const tracker = new Tracker(new Counters(), 'ebpf');
  const spans: Span[] = [];
  const options = correlateOptions(correlateConfig.parse(correlate));
  const release = (body: Uint8Array) => spans.push(...spansOfJson(toJson('traces', body)));
  const correlator = new Correlator(clock, new Counters(), 'correlate', options, release, observer);
  const places = new LabelPlaces();
  const exchanges: Exchange[] = [];
  const baselines = [new FirstEgress(), new TimeOnly()] as const;
  let lost = 0;
  const drained = () => {
    const activities = tracker.take();
    for (const activity of activities) {
      if (activity.type === 'request') exchanges.push(activity.exchange);
      for (const baseline of baselines) baseline.observe(activity);
    }
    correlator.captured(activities);
  };
  const sink: CaptureSink = {
    event: (event) => {
      if (event.type === 'message') places.message(event);
      else if (event.type === 'lost') lost += event.count;
      tracker.event(event);
    },
    process: (facts) => tracker.process(facts),
    otlpTraces: (body, peer) => correlator.received(body, peer),
    drained,
  };
  const replay = new ReplayCapture({
    file,
    clock,
    onWarning: (message) => {
      throw new Error(message);
    },
  });
  await replay.start(without ? withoutLabels(sink, without) : sink);
  await replay.finished;
  tracker.shutdown();
  drained();
  correlator.shutdown();
  const [firstEgress, timeOnly] = baselines;
  return { exchanges, places, spans, firstEgress: firstEgress.links, timeOnly: timeOnly.links, lost };
}
