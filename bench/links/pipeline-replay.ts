import { ManualClock, type Nanos } from '../../src/collector/clock.ts';
import { Counters } from '../../src/collector/counters.ts';
import { Correlator } from '../../src/correlate/correlator.ts';
import type { MergeObserver } from '../../src/correlate/observer.ts';
import { type MeetingPlace, MemoryRendezvous } from '../../src/correlate/rendezvous/memory.ts';
import { toJson } from '../../src/otlp/to-json.ts';
import { correlateConfig, correlateOptions } from '../../src/processor/correlate/config.ts';
import { readRecordingStart } from '../../src/receiver/ebpf/capture/recording-reader.ts';
import { ReplayCapture } from '../../src/receiver/ebpf/capture/replay.ts';
import type { CaptureSink } from '../../src/receiver/ebpf/capture/source.ts';
import type { Activity, Exchange } from '../../src/receiver/ebpf/exchange.ts';
import { Tracker } from '../../src/receiver/ebpf/tracker/tracker.ts';
import { type Span, spansOfJson } from '../../test/support/otlp-json.ts';
import { LabelPlaces, withoutLabels } from './label-places.ts';

export interface PipelineOptions {
  readonly file: string;
  /** The `correlate` section; default: its defaults. */
  readonly correlate?: Readonly<Record<string, unknown>>;
  /** Overwrites these labels before anything else sees them. */
  readonly without?: LabelPlaces | undefined;
  readonly observe?: (activity: Activity) => void;
  readonly observer?: MergeObserver | undefined;
  /** Where it meets others. */
  readonly place?: MeetingPlace;
  /** Before each frame is delivered: when it was recorded, Unix nanoseconds. */
  readonly pace?: (time: bigint) => Promise<void>;
}

/** Calls that a meeting place keeps: all of a recording. */
const MAX_ENTRIES = 1_000_000;
const TTL: Nanos = 600e9;

/** A recording on its way through capture and `correlate`, in memory and with the recording's own time. */
export class PipelineReplay {
  readonly clock: ManualClock;
  /** In the order in which their requests were complete. */
  readonly exchanges: Exchange[] = [];
  readonly places = new LabelPlaces();
  /** Spanloom's output. */
  readonly spans: Span[] = [];
  /** Records that the capture could not keep. */
  lost = 0;
  readonly #options: PipelineOptions;
  readonly #tracker = new Tracker(new Counters(), 'ebpf');
  readonly #correlator: Correlator;

  constructor(options: PipelineOptions) {
    this.#options = options;
    const { file, correlate, place } = options;
    this.clock = new ManualClock(readRecordingStart(file));
    const settings = { ...correlate, ...(place && { rendezvous: { store: 'memory' } }) };
    this.#correlator = new Correlator(
      this.clock,
      new Counters(),
      'correlate',
      correlateOptions(correlateConfig.parse(settings)),
      (body) => this.spans.push(...spansOfJson(toJson('traces', body))),
      options.observer,
      undefined,
      place && this.#meet(place),
    );
  }

  /** Delivers the whole recording. */
  async run(): Promise<void> {
    const { file, without, pace } = this.#options;
    const replay = new ReplayCapture({
      file,
      clock: this.clock,
      onWarning: (message) => {
        throw new Error(message);
      },
      ...(pace && { pace }),
    });
    const sink = this.#sink();
    await replay.start(without ? withoutLabels(sink, without) : sink);
    await replay.finished;
    this.#tracker.shutdown();
    this.#drained();
  }

  /** What is still held leaves. */
  finish(): void {
    this.#correlator.shutdown();
  }

  #meet(place: MeetingPlace): MemoryRendezvous {
    const { clock } = this;
    const evicted = new Counters().counter('evicted');
    return new MemoryRendezvous({
      place,
      clock,
      promiseTtl: TTL,
      ttl: TTL,
      maxEntries: MAX_ENTRIES,
      evicted,
    });
  }

  #sink(): CaptureSink {
    const tracker = this.#tracker;
    return {
      event: (event) => {
        if (event.type === 'message') this.places.message(event);
        else if (event.type === 'lost') this.lost += event.count;
        tracker.event(event);
      },
      process: (facts) => tracker.process(facts),
      otlpTraces: (body, peer) => this.#correlator.received(body, peer),
      drained: () => this.#drained(),
    };
  }

  #drained(): void {
    const activities = this.#tracker.take();
    for (const activity of activities) {
      if (activity.type === 'request') this.exchanges.push(activity.exchange);
      this.#options.observe?.(activity);
    }
    this.#correlator.captured(activities);
  }
}
