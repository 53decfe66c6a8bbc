import type { Nanos } from '../collector/clock.ts';
import type { Socket } from '../receiver/ebpf/message.ts';
import type { SdkNode } from './node.ts';

/** A captured connection is told of within one drain; whoever has not been by then is not captured. */
const PATIENCE: Nanos = 1e9;

/**
 * Spans that came over a connection whose owner is not known yet: the first batch on a new connection is received some
 * milliseconds before the capture tells of that connection.
 */
export class AwaitingOwner {
  readonly #spans = new Map<string, { readonly since: Nanos; readonly spans: SdkNode[] }>();

  add(span: SdkNode, now: Nanos): void {
    if (span.deliveredBy === undefined) return;
    const key = `${span.deliveredBy.address}:${span.deliveredBy.port}`;
    const waiting = this.#spans.get(key);
    if (waiting) waiting.spans.push(span);
    else this.#spans.set(key, { since: now, spans: [span] });
    for (const [oldest, { since }] of this.#spans) {
      if (since + PATIENCE > now) break;
      this.#spans.delete(oldest);
    }
  }

  /** The spans that came over this connection, seen from the end that sent them. */
  take(socket: Socket): readonly SdkNode[] {
    const key = `${socket.localAddress}:${socket.localPort}`;
    const waiting = this.#spans.get(key);
    this.#spans.delete(key);
    return waiting?.spans ?? [];
  }
}
