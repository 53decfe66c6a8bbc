import type { Nanos } from '../collector/clock.ts';
import type { Peer } from '../otlp/batch.ts';
import type { Socket } from '../receiver/ebpf/message.ts';
import type { SdkNode } from './node.ts';

/** A captured connection is told of within one drain: milliseconds, but seconds on a machine that has no time for it. */
const PATIENCE: Nanos = 10e9;

interface Waiting {
  readonly since: Nanos;
  /** Traces that only SDKs tell of. */
  readonly traceIds: string[];
  readonly nodes: SdkNode[];
}

/**
 * Spans that came over a connection whose owner is not known yet: the first batch on a new connection is received some
 * milliseconds before the capture tells of that connection.
 */
export class AwaitingOwner {
  readonly #waiting = new Map<string, Waiting>();

  /**
   * @param traceIds of traces that only SDKs tell of
   * @param nodes spans that are members of trees already
   */
  add(peer: Peer, traceIds: readonly string[], nodes: readonly SdkNode[], now: Nanos): void {
    const key = `${peer.address}:${peer.port}`;
    const waiting = this.#waiting.get(key);
    if (waiting) {
      for (const traceId of traceIds) waiting.traceIds.push(traceId);
      for (const node of nodes) waiting.nodes.push(node);
    } else this.#waiting.set(key, { since: now, traceIds: [...traceIds], nodes: [...nodes] });
    for (const [oldest, { since }] of this.#waiting) {
      if (since + PATIENCE > now) break;
      this.#waiting.delete(oldest);
    }
  }

  /** What came over this connection, seen from the end that sent it. */
  take(socket: Socket): Pick<Waiting, 'traceIds' | 'nodes'> | undefined {
    const key = `${socket.localAddress}:${socket.localPort}`;
    const waiting = this.#waiting.get(key);
    this.#waiting.delete(key);
    return waiting;
  }
}
