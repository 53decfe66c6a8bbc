import type { Nanos } from '../../collector/clock.ts';
import type { Peer } from '../../otlp/batch.ts';
import { TracesBuilder } from '../../otlp/traces-builder.ts';
import { scanTraces, type TracesScan } from '../../otlp/traces-scan.ts';
import type { Due } from '../due-queue.ts';
import type { SdkNode } from '../node.ts';
import { leftSdkNode, sdkNode } from '../sdk-spans.ts';
import type { Delivery } from './delivery.ts';
import { RememberedSpans } from './remembered-spans.ts';

/** From here on a set of ids is quicker than a look at each. */
const FEW = 64;

/** A trace of SDK spans alone, of programs that nobody observes. Nothing is decided about it: it leaves as it came. */
export class SdkTrace implements Due {
  due: Nanos = 0;
  queued = -1;
  heldSince: Nanos;
  /** When its last span came. */
  settledAt: Nanos;
  /** Of spans held. */
  bytes = 0;
  /** The spans held: one of each a span. */
  #deliveries: Delivery[] = [];
  #rows: number[] = [];
  /** The low words of their ids. */
  #idsLow: number[] = [];
  readonly #left: RememberedSpans[] = [];
  #leftCount = 0;
  /** Low words of all ids, once there are many. */
  #known: Set<number> | undefined;

  constructor(
    readonly id: string,
    now: Nanos,
  ) {
    this.heldSince = now;
    this.settledAt = now;
  }

  /** Spans that have not left. */
  get waiting(): number {
    return this.#rows.length;
  }

  /** Some of it has left. */
  get released(): boolean {
    return this.#left.length > 0;
  }

  /** Spans held or remembered. */
  get size(): number {
    return this.#rows.length + this.#leftCount;
  }

  add(delivery: Delivery, row: number): void {
    const low = delivery.scan.spanIdLow(row);
    this.#deliveries.push(delivery);
    this.#rows.push(row);
    this.#idsLow.push(low);
    this.#known?.add(low);
    this.bytes += delivery.scan.spanSize(row);
  }

  /** This very span has come before. */
  has(scan: TracesScan, row: number): boolean {
    const low = scan.spanIdLow(row);
    if (this.size > FEW) {
      this.#known ??= this.#allIdsLow();
      if (!this.#known.has(low)) return false;
    }
    for (let i = this.#idsLow.indexOf(low); i >= 0; i = this.#idsLow.indexOf(low, i + 1))
      if (isSame(scan, row, this.#deliveries[i]!.scan, this.#rows[i]!)) return true;
    for (const left of this.#left)
      for (let i = 0; i < left.count; i++) if (left.is(i, scan, row)) return true;
    return false;
  }

  /** Calls `visit` with every span held. */
  each(visit: (delivery: Delivery, row: number) => void): void {
    for (let i = 0; i < this.#rows.length; i++) visit(this.#deliveries[i]!, this.#rows[i]!);
  }

  /** Its spans have left. */
  leave(epochUnixNano: bigint): void {
    const left = new RememberedSpans(this.#rows.length);
    this.each(({ scan }, row) => left.add(scan, row, scan.startTime(row, epochUnixNano)));
    this.#left.push(left);
    this.#leftCount += left.count;
    this.#replace([], []);
    this.#known = undefined;
    this.bytes = 0;
  }

  /** Copies its spans out of their requests: what is held for long must not keep whole requests in memory. */
  copyOut(): void {
    const builders = new Map<Peer | undefined, TracesBuilder>();
    const deliveries: Delivery[] = [];
    const rows: number[] = [];
    this.each((delivery, row) => {
      const { scan, peer, own } = delivery;
      if (own) {
        deliveries.push(delivery);
        rows.push(row);
        return;
      }
      const builder = builders.get(peer) ?? new TracesBuilder();
      builders.set(peer, builder);
      const resource = scan.resource(row);
      const scope = scan.scope(row);
      builder.add(resource.bytes, resource.key, scope.bytes, scope.key, scan.bytes(row));
    });
    for (const [peer, builder] of builders) {
      const delivery: Delivery = { scan: scanTraces(builder.encode()), peer, own: true };
      for (let row = 0; row < delivery.scan.count; row++) {
        deliveries.push(delivery);
        rows.push(row);
      }
    }
    this.#replace(deliveries, rows);
  }

  /** All its spans as members of a tree. */
  nodes(epochUnixNano: bigint): SdkNode[] {
    const nodes: SdkNode[] = [];
    for (const left of this.#left)
      for (let i = 0; i < left.count; i++) nodes.push(leftSdkNode(this.id, left, i));
    this.each(({ scan, peer }, row) => nodes.push(sdkNode(scan, row, undefined, peer, epochUnixNano)));
    return nodes;
  }

  #replace(deliveries: Delivery[], rows: number[]): void {
    this.#deliveries = deliveries;
    this.#rows = rows;
    this.#idsLow = rows.map((row, i) => deliveries[i]!.scan.spanIdLow(row));
  }

  #allIdsLow(): Set<number> {
    const ids = new Set(this.#idsLow);
    for (const left of this.#left) for (let i = 0; i < left.count; i++) ids.add(left.idLow(i));
    return ids;
  }
}

function isSame(scan: TracesScan, row: number, other: TracesScan, otherRow: number): boolean {
  return (
    scan.spanIdHigh(row) === other.spanIdHigh(otherRow) &&
    scan.kind(row) === other.kind(otherRow) &&
    scan.resource(row).key === other.resource(otherRow).key
  );
}
