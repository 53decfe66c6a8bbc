import { Decoder } from '../../src/receiver/ebpf/capture/decode.ts';
import { FRAME } from '../../src/receiver/ebpf/capture/recording-format.ts';
import { readRecording, readRecordingStart } from '../../src/receiver/ebpf/capture/recording-reader.ts';
import type { CaptureEvent } from '../../src/receiver/ebpf/message.ts';
import type { ProcessFacts } from '../../src/receiver/ebpf/process/facts.ts';

/** What one drain of the ring gave. */
export interface Drain {
  readonly records: Uint8Array;
  /** What turns the records' times into nanoseconds since the recording's start. */
  readonly shift: number;
  /** When it was delivered, nanoseconds since the recording's start. */
  readonly at: number;
}

/** A recording in memory, ready to be replayed many times. */
export interface Frames {
  readonly epochUnixNano: bigint;
  readonly processes: readonly ProcessFacts[];
  readonly drains: readonly Drain[];
  /** Messages in all drains. */
  readonly messages: number;
  /** Size of the largest drain. */
  readonly largest: number;
}

/** The start of a recording: whole drains with at least `wanted` messages, or all there is. */
export async function loadFrames(file: string, wanted: number): Promise<Frames> {
  const epochUnixNano = readRecordingStart(file);
  const processes: ProcessFacts[] = [];
  const drains: Drain[] = [];
  let largest = 0;
  let messages = 0;
  for await (const { type, time, payload } of readRecording(file, console.warn)) {
    if (type === FRAME.process) processes.push(JSON.parse(payload.toString()) as ProcessFacts);
    if (type !== FRAME.records) continue;
    const records = new Uint8Array(payload.subarray(8));
    const shift = Number(payload.readBigInt64LE() - epochUnixNano);
    drains.push({ records, shift, at: Number(time - epochUnixNano) });
    largest = Math.max(largest, records.length);
    messages += countMessages(records);
    if (messages >= wanted) break;
  }
  return { epochUnixNano, processes, drains, messages, largest };
}

function countMessages(records: Uint8Array): number {
  let count = 0;
  new Decoder(records).decode(0, records.length, 0, (event: CaptureEvent) => {
    if (event.type === 'message') count++;
  });
  return count;
}
