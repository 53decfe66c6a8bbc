import type { Peer } from '../../../otlp/batch.ts';
import type { CaptureEvent } from '../message.ts';
import type { ProcessFacts } from '../process/facts.ts';

/** What a source of events hands over. Within one call everything is in the order it happened. */
export interface CaptureSink {
  /** Called for each record; views inside an event are valid during the call only. */
  event(event: CaptureEvent): void;
  /** A process is observed from here on; comes before its first message. */
  process(facts: ProcessFacts): void;
  /** Only a replay delivers these: an OTLP trace request that was received at this point of the recording. */
  otlpTraces?(body: Uint8Array, peer: Peer | undefined): void;
  /** The end of one drain: everything seen so far may be handed on. */
  drained(): void;
}

/** The seam between the kernel (or a recording of it) and everything that interprets events. */
export interface CaptureSource {
  start(sink: CaptureSink): Promise<void>;
  /** Takes what is still in the ring, then stops. */
  shutdown(): Promise<void>;
}
