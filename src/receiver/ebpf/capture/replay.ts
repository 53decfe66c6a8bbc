import { setImmediate } from 'node:timers/promises';
import type { ManualClock, Nanos } from '../../../collector/clock.ts';
import { SpanloomError } from '../../../error.ts';
import type { Peer } from '../../../otlp/batch.ts';
import type { ProcessFacts } from '../process/facts.ts';
import { Decoder } from './decode.ts';
import { FRAME, type Frame } from './recording-format.ts';
import { readRecording } from './recording-reader.ts';
import type { CaptureSink, CaptureSource } from './source.ts';

export interface ReplayOptions {
  readonly file: string;
  /** Made with the recording's start (`readRecordingStart`) as its epoch. */
  readonly clock: ManualClock;
  readonly onWarning: (message: string) => void;
  /** Told when each frame was recorded, Unix nanoseconds, before it is delivered; may hold it up. */
  readonly pace?: (time: bigint) => Promise<void>;
}

const FIRST_BUFFER_BYTES = 1 << 16;

/**
 * Delivers a recording as the kernel delivered it, as fast as the sink takes it. The clock stands at the time of each
 * frame when that frame is delivered, so a replay does not depend on when and how fast it runs.
 */
export class ReplayCapture implements CaptureSource {
  readonly #options: ReplayOptions;
  #buffer = new Uint8Array(FIRST_BUFFER_BYTES);
  #decoder = new Decoder(this.#buffer);
  #stopped = false;
  #finished: Promise<void> = Promise.resolve();

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  async start(sink: CaptureSink): Promise<void> {
    this.#finished = this.#run(sink);
    // Whoever asks `finished` learns of a failure; nobody has to.
    this.#finished.catch(() => {});
  }

  /**
   * Resolves when everything has been delivered. Rejects with the errors of `readRecording`, and
   * with `SPANLOOM_RECORD_INVALID` or `SPANLOOM_RECORDING_CORRUPT` where a frame holds something else than it should.
   */
  get finished(): Promise<void> {
    return this.#finished;
  }

  async shutdown(): Promise<void> {
    this.#stopped = true;
    await this.#finished.catch(() => {});
  }

  async #run(sink: CaptureSink): Promise<void> {
    const { file, clock, onWarning, pace } = this.#options;
    for await (const frame of readRecording(file, onWarning)) {
      await pace?.(frame.time);
      if (this.#stopped) return;
      clock.advanceTo(Number(frame.time - clock.epochUnixNano));
      this.#deliver(frame, sink);
      // What the sink handed on may be a chain of promises: let it come to rest.
      if (frame.type === FRAME.drained || frame.type === FRAME.otlpTraces) await setImmediate();
    }
  }

  #deliver(frame: Frame, sink: CaptureSink): void {
    switch (frame.type) {
      case FRAME.records:
        this.#records(frame.payload, sink);
        break;
      case FRAME.process:
        sink.process(this.#processFacts(frame.payload));
        break;
      case FRAME.otlpTraces:
        this.#otlpTraces(frame.payload, sink);
        break;
      case FRAME.lost:
        this.#expect(frame.payload.length === 8, 'a count of lost records');
        sink.event({ type: 'lost', count: frame.payload.readDoubleLE(), at: this.#options.clock.now() });
        break;
      case FRAME.drained:
        sink.drained();
        break;
    }
  }

  #records(payload: Buffer, sink: CaptureSink): void {
    this.#expect(payload.length >= 8, 'records');
    const length = payload.length - 8;
    if (length > this.#buffer.length) {
      this.#buffer = new Uint8Array(length);
      this.#decoder = new Decoder(this.#buffer);
    }
    // Decoding needs aligned words, which a frame in the middle of a file is not.
    this.#buffer.set(payload.subarray(8));
    const shift: Nanos = Number(payload.readBigInt64LE() - this.#options.clock.epochUnixNano);
    this.#decoder.decode(0, length, shift, (event) => sink.event(event));
  }

  #processFacts(payload: Buffer): ProcessFacts {
    let facts: unknown;
    try {
      facts = JSON.parse(payload.toString());
    } catch {
      facts = undefined;
    }
    const { pid, resource } = (facts ?? {}) as Partial<ProcessFacts>;
    this.#expect(typeof pid === 'number' && Array.isArray(resource), 'the facts of a process');
    return facts as ProcessFacts;
  }

  #otlpTraces(payload: Buffer, sink: CaptureSink): void {
    this.#expect(payload.length >= 4 && payload.length >= 4 + payload.readUInt16LE(2), 'an OTLP request');
    const port = payload.readUInt16LE(0);
    const body = 4 + payload.readUInt16LE(2);
    const peer: Peer | undefined =
      port === 0 ? undefined : { address: payload.toString('utf8', 4, body), port };
    // The request outlives this frame: batches keep the bytes they came in.
    sink.otlpTraces?.(new Uint8Array(payload.subarray(body)), peer);
  }

  #expect(holds: boolean, what: string): void {
    if (holds) return;
    throw new SpanloomError(
      'SPANLOOM_RECORDING_CORRUPT',
      `${this.#options.file} is damaged: a frame that should hold ${what} holds something else.`,
    );
  }
}
