/**
 * What flows through a pipeline. A batch keeps the bytes it came in; stages read from those bytes what they need
 * and replace only what they change.
 */

/** The far end of the connection that delivered a batch, as the receiver's socket saw it. */
export interface Peer {
  /** Numeric address; IPv4-mapped IPv6 addresses are written as IPv4. */
  readonly address: string;
  readonly port: number;
}

export interface Batch {
  /** Spans, data points or log records in the batch. */
  readonly itemCount: number;
  /** Who delivered it, where it came over a socket. */
  readonly peer?: Peer | undefined;
  /** The `Export<Signal>ServiceRequest` message, protobuf. Not to be modified. */
  encode(): Uint8Array;
}

/**
 * A batch that arrived as (or was encoded to) OTLP protobuf.
 *
 * ```ts
 * import { OtlpBatch } from 'spanloom';
 *
 * const empty = new OtlpBatch(new Uint8Array(), 0);
 * console.log(empty.itemCount, empty.encode().length); // 0 0
 * ```
 */
export class OtlpBatch implements Batch {
  constructor(
    readonly body: Uint8Array,
    readonly itemCount: number,
    readonly peer?: Peer,
  ) {}

  encode(): Uint8Array {
    return this.body;
  }
}

export type Traces = Batch;
export type Metrics = Batch;
export type Logs = Batch;
