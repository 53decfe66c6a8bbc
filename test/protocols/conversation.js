import { RecordingSink } from './recording-sink.js';
export const ask = (...parts) => ({ from: 'requester', data: join(parts) });
export const answer = (...parts) => ({ from: 'responder', data: join(parts) });
export function join(parts) {
  return new Uint8Array(
    Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))),
  );
}
export function place(steps) {
  const next = { requester: 0, responder: 0 };
  return steps.map((step) => {
    const offset = next[step.from];
    next[step.from] += step.data.length;
    return { ...step, offset };
  });
}
/** Feeds a parser the way the receiver does: the chunk is overwritten as soon as the call returns. */
export class Wire {
  sink = new RecordingSink();
  #parser;
  #memory = new Uint8Array(1 << 17);
  constructor(protocol, joined = false) {
    this.#parser = protocol.createParser(this.sink, { joined });
  }
  /** Everything after `stop` is not handed to a parser any more. */
  bytes(from, data, offset) {
    if (this.sink.stopped !== undefined || data.length === 0) return;
    const chunk = this.#memory.subarray(64, 64 + data.length);
    chunk.set(data);
    this.#parser.bytes(from, chunk, offset);
    chunk.fill(0xa5);
  }
  gap(from, length, offset) {
    if (this.sink.stopped === undefined && length > 0) this.#parser.gap(from, length, offset);
  }
  step({ from, data, offset }) {
    this.bytes(from, data, offset);
  }
  /** The step as the kernel reports it: at most `head` bytes, a gap, and the last 64. */
  cutStep({ from, data, offset }, head) {
    const tailAt = Math.max(head, data.length - 64);
    this.bytes(from, data.subarray(0, head), offset);
    this.gap(from, Math.min(tailAt, data.length) - head, offset + head);
    if (tailAt < data.length) this.bytes(from, data.subarray(tailAt), offset + tailAt);
  }
  close() {
    if (this.sink.stopped === undefined) this.#parser.close();
  }
}
