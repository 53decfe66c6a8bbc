import type { Offset, Parser, Protocol } from '../../src/receiver/ebpf/protocols/protocol.ts';
import { RecordingSink } from './recording-sink.ts';

export type From = 'requester' | 'responder';

/** What one call moved; builders make it. */
export interface Step {
  readonly from: From;
  readonly data: Uint8Array;
}

/** A step and where it stands in its stream. */
export interface PlacedStep extends Step {
  readonly offset: Offset;
}

export const ask = (...parts: (string | Uint8Array)[]): Step => ({ from: 'requester', data: join(parts) });
export const answer = (...parts: (string | Uint8Array)[]): Step => ({ from: 'responder', data: join(parts) });

export function join(parts: readonly (string | Uint8Array)[]): Uint8Array {
  return new Uint8Array(
    Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))),
  );
}

export function place(steps: readonly Step[]): PlacedStep[] {
  const next = { requester: 0, responder: 0 };
  return steps.map((step) => {
    const offset = next[step.from];
    next[step.from] += step.data.length;
    return { ...step, offset };
  });
}

/** Feeds a parser the way the receiver does: the chunk is overwritten as soon as the call returns. */
export class Wire {
  readonly sink = new RecordingSink();
  readonly #parser: Parser;
  readonly #memory = new Uint8Array(1 << 17);

  constructor(protocol: Protocol, joined = false) {
    this.#parser = protocol.createParser(this.sink, { joined });
  }

  /** Everything after `stop` is not handed to a parser any more. */
  bytes(from: From, data: Uint8Array, offset: Offset): void {
    if (this.sink.stopped !== undefined || data.length === 0) return;
    const chunk = this.#memory.subarray(64, 64 + data.length);
    chunk.set(data);
    this.#parser.bytes(from, chunk, offset);
    chunk.fill(0xa5);
  }

  gap(from: From, length: number, offset: Offset): void {
    if (this.sink.stopped === undefined && length > 0) this.#parser.gap(from, length, offset);
  }

  step({ from, data, offset }: PlacedStep): void {
    this.bytes(from, data, offset);
  }

  /** The step as the kernel reports it: at most `head` bytes, a gap, and the last 64. */
  cutStep({ from, data, offset }: PlacedStep, head: number): void {
    const tailAt = Math.max(head, data.length - 64);
    this.bytes(from, data.subarray(0, head), offset);
    this.gap(from, Math.min(tailAt, data.length) - head, offset + head);
    if (tailAt < data.length) this.bytes(from, data.subarray(tailAt), offset + tailAt);
  }

  close(): void {
    if (this.sink.stopped === undefined) this.#parser.close();
  }
}
