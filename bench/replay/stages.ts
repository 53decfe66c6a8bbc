import { ManualClock } from '../../src/collector/clock.ts';
import { Counters } from '../../src/collector/counters.ts';
import { Correlator } from '../../src/correlate/correlator.ts';
import { correlateConfig, correlateOptions } from '../../src/processor/correlate/config.ts';
import { ActivityBatch } from '../../src/receiver/ebpf/activity-batch.ts';
import { Decoder } from '../../src/receiver/ebpf/capture/decode.ts';
import type { Activity } from '../../src/receiver/ebpf/exchange.ts';
import type { CaptureEvent } from '../../src/receiver/ebpf/message.ts';
import { Tracker } from '../../src/receiver/ebpf/tracker/tracker.ts';
import type { Frames } from './frames.ts';

/** What a replay came to. */
export interface Work {
  messages: number;
  spans: number;
  /** Of OTLP. */
  bytes: number;
}

export type Stage = (frames: Frames) => Work;

/** Spans leave after this long and are remembered as long again, so that within a recording every phase is reached. */
const HOLD = '500ms';
/** Time goes on in steps of a drain's interval until everything held has left. */
const STEP_NANOS = 5e6;
const STEPS_AFTER = 120;

/** Reads every byte once and nothing else: how fast this machine is just now. */
function read(frames: Frames): Work {
  const buffer = new Uint8Array(frames.largest);
  let sum = 0;
  let bytes = 0;
  for (const { records } of frames.drains) {
    buffer.set(records);
    bytes += records.length;
    for (let i = 0; i < records.length; i++) sum = (sum + buffer[i]!) | 0;
  }
  if (Number.isNaN(sum)) throw new Error('a sum of bytes is no number');
  return { messages: frames.messages, spans: 0, bytes };
}

/** From the records of a drain to events. */
function decode(frames: Frames): Work {
  return replay(frames, () => {});
}

/** … to exchanges and what threads did. */
function track(frames: Frames): Work {
  return activities(frames, () => {});
}

/** … to a span of its own for each exchange, as OTLP bytes: a pipeline without `correlate`. */
function encode(frames: Frames): Work {
  const encoded = { spans: 0, bytes: 0 };
  const work = activities(frames, (drained) => {
    const batch = new ActivityBatch(drained, frames.epochUnixNano);
    encoded.spans += batch.itemCount;
    encoded.bytes += batch.encode().length;
  });
  return { ...work, ...encoded };
}

/** … to merged, held and released traces, as OTLP bytes: a pipeline with `correlate`. */
function correlate(frames: Frames): Work {
  const clock = new ManualClock(frames.epochUnixNano);
  const options = correlateOptions(correlateConfig.parse({ decision_wait: HOLD, late_window: HOLD }));
  const released = { spans: 0, bytes: 0 };
  const correlator = new Correlator(clock, new Counters(), 'correlate', options, (body, spans) => {
    released.spans += spans;
    released.bytes += body.length;
  });
  const work = activities(frames, (drained, at) => {
    clock.advanceTo(at);
    correlator.captured(drained);
  });
  const end = clock.now();
  for (let step = 1; step <= STEPS_AFTER; step++) clock.advanceTo(end + step * STEP_NANOS);
  correlator.shutdown();
  return { ...work, ...released };
}

/** After `read` cumulative: each does what the one before does, and more. */
export const STAGES = { read, decode, track, encode, correlate } satisfies Record<string, Stage>;
export type StageName = keyof typeof STAGES;

function activities(frames: Frames, take: (activities: readonly Activity[], at: number) => void): Work {
  const tracker = new Tracker(new Counters(), 'ebpf');
  for (const facts of frames.processes) tracker.process(facts);
  return replay(
    frames,
    (event) => tracker.event(event),
    (at) => take(tracker.take(), at),
  );
}

/** Copies each drain into one buffer, as the ring's drain does, and decodes it. */
function replay(
  frames: Frames,
  event: (event: CaptureEvent) => void,
  drained: (at: number) => void = () => {},
): Work {
  const buffer = new Uint8Array(frames.largest);
  const decoder = new Decoder(buffer);
  let messages = 0;
  for (const { records, shift, at } of frames.drains) {
    buffer.set(records);
    decoder.decode(0, records.length, shift, (decoded) => {
      if (decoded.type === 'message') messages++;
      event(decoded);
    });
    drained(at);
  }
  return { messages, spans: 0, bytes: 0 };
}
