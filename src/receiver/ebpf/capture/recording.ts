import { closeSync, openSync, writevSync } from 'node:fs';
import type { Clock } from '../../../collector/clock.ts';
import { SpanloomError } from '../../../error.ts';
import type { Peer } from '../../../otlp/batch.ts';
import type { LostEvent } from '../message.ts';
import type { ProcessFacts } from '../process/facts.ts';
import { encodeFrameHeader, encodeHeader, FRAME, type FrameType } from './recording-format.ts';

export interface RecordingOptions {
  readonly file: string;
  readonly clock: Clock;
  /** Called once when the file can not be written any more; the capture goes on without it. */
  readonly onError: (error: SpanloomError) => void;
}

/**
 * Writes a recording: every record of a capture, and between them, where they came, process facts and OTLP requests.
 *
 * Each drain and each OTLP request is handed to the operating system before the call returns, so that a crash costs
 * nothing that was delivered.
 */
export class RecordingWriter {
  readonly #options: RecordingOptions;
  #fd: number | undefined;
  #pending: Uint8Array[] = [];
  #drain: { readonly records: Uint8Array; readonly clockOffset: bigint; written: number } | undefined;
  #passed = 0;

  /** Starts a new file. Throws `SPANLOOM_RECORDING_WRITE`. */
  constructor(options: RecordingOptions) {
    this.#options = options;
    try {
      this.#fd = openSync(options.file, 'w');
    } catch (cause) {
      throw writeError(options.file, cause);
    }
    this.#pending.push(encodeHeader(this.#now()));
    this.#flush();
  }

  /** `records` must stay as they are until `drained`. */
  beginDrain(records: Uint8Array, clockOffset: bigint): void {
    this.#drain = { records, clockOffset, written: 0 };
    this.#passed = 0;
  }

  /** The records up to this byte have been or are being delivered. */
  passed(position: number): void {
    this.#passed = position;
  }

  lost(event: LostEvent): void {
    const payload = Buffer.alloc(8);
    payload.writeDoubleLE(event.count);
    this.#frame(FRAME.lost, payload);
  }

  /** A process is observed from here on. */
  process(facts: ProcessFacts): void {
    this.#frame(FRAME.process, Buffer.from(JSON.stringify(facts)));
  }

  otlpTraces(body: Uint8Array, peer: Peer | undefined): void {
    const address = Buffer.from(peer?.address ?? '');
    const head = Buffer.alloc(4);
    head.writeUInt16LE(peer?.port ?? 0, 0);
    head.writeUInt16LE(address.length, 2);
    this.#frame(FRAME.otlpTraces, head, address, body);
  }

  drained(): void {
    this.#frame(FRAME.drained);
    this.#drain = undefined;
    this.#flush();
  }

  close(): void {
    this.#flush();
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #frame(type: FrameType, ...payload: Uint8Array[]): void {
    this.#recordsPassed(type === FRAME.drained);
    this.#append(type, payload);
    if (!this.#drain) this.#flush();
  }

  /** What is delivered comes before the frame that it led to. */
  #recordsPassed(all: boolean): void {
    const drain = this.#drain;
    if (!drain) return;
    const to = all ? drain.records.length : this.#passed;
    if (to === drain.written) return;
    const offset = Buffer.alloc(8);
    offset.writeBigInt64LE(drain.clockOffset);
    this.#append(FRAME.records, [offset, drain.records.subarray(drain.written, to)]);
    drain.written = to;
  }

  #append(type: FrameType, payload: readonly Uint8Array[]): void {
    const length = payload.reduce((sum, part) => sum + part.length, 0);
    this.#pending.push(encodeFrameHeader(type, this.#now(), length), ...payload);
  }

  #flush(): void {
    let parts = this.#pending.filter((part) => part.length > 0);
    this.#pending = [];
    try {
      while (this.#fd !== undefined && parts.length > 0) parts = without(parts, writevSync(this.#fd, parts));
    } catch (cause) {
      const fd = this.#fd!;
      this.#fd = undefined;
      closeSync(fd);
      this.#options.onError(writeError(this.#options.file, cause));
    }
  }

  #now(): bigint {
    const { clock } = this.#options;
    return clock.epochUnixNano + BigInt(Math.round(clock.now()));
  }
}

/** What is left of `parts` after their first `bytes` bytes. */
function without(parts: readonly Uint8Array[], bytes: number): Uint8Array[] {
  const left: Uint8Array[] = [];
  for (const part of parts) {
    const skip = Math.min(bytes, part.length);
    bytes -= skip;
    if (skip < part.length) left.push(part.subarray(skip));
  }
  return left;
}

function writeError(file: string, cause: unknown): SpanloomError {
  return new SpanloomError(
    'SPANLOOM_RECORDING_WRITE',
    `Cannot write the recording ${file}: ${(cause as Error).message}. The recording ends here.`,
    { cause },
  );
}
