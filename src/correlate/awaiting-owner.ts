import type { Nanos } from '../collector/clock.ts';
import type { Socket } from '../receiver/ebpf/message.ts';
import type { SdkNode } from './node.ts';
import type { Delivery } from './sdk-only/sdk-traces.ts';

/** A captured connection is told of within one drain; whoever has not been by then is not captured. */
const PATIENCE: Nanos = 1e9;

interface Waiting {
  readonly since: Nanos;
  readonly deliveries: Delivery[];
  readonly nodes: SdkNode[];
}

/**
 * Spans that came over a connection whose owner is not known yet: the first batch on a new connection is received some
 * milliseconds before the capture tells of that connection.
 */
export class AwaitingOwner {
  readonly #waiting = new Map<string, Waiting>();

  /** @param nodes those of its spans that are members of trees already */
  add(delivery: Delivery, nodes: readonly SdkNode[], now: Nanos): void {
    const { peer } = delivery;
    if (peer === undefined) return;
    const key = `${peer.address}:${peer.port}`;
    const waiting = this.#waiting.get(key);
    if (waiting) {
      waiting.deliveries.push(delivery);
      waiting.nodes.push(...nodes);
    } else this.#waiting.set(key, { since: now, deliveries: [delivery], nodes: [...nodes] });
    for (const [oldest, { since }] of this.#waiting) {
      if (since + PATIENCE > now) break;
      this.#waiting.delete(oldest);
    }
  }

  /** What came over this connection, seen from the end that sent it. */
  take(socket: Socket): Pick<Waiting, 'deliveries' | 'nodes'> | undefined {
    const key = `${socket.localAddress}:${socket.localPort}`;
    const waiting = this.#waiting.get(key);
    this.#waiting.delete(key);
    return waiting;
  }
}
