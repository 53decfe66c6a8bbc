import type { Nanos } from '../../collector/clock.ts';
import type { Peer } from '../../otlp/batch.ts';
import { TracesBuilder } from '../../otlp/traces-builder.ts';
import { scanTraces, type TracesScan } from '../../otlp/traces-scan.ts';
import type { Due } from '../due-queue.ts';
import type { SdkNode } from '../node.ts';
import { leftSdkNode, sdkNode } from '../sdk-spans.ts';
import type { Delivery } from './delivery.ts';
import { NIL, type SpanRecords } from './span-records.ts';

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
  /** Spans that have not left. */
  waiting = 0;
  /** Spans held or remembered. */
  size = 0;
  readonly #records: SpanRecords;
  /** Its records are a list: those that have left come first. */
  #first = NIL;
  #firstHeld = NIL;
  #last = NIL;
  /** Low words of all ids, once there are many. */
  #known: Set<number> | undefined;

  constructor(
    readonly id: string,
    records: SpanRecords,
    now: Nanos,
  ) {
    this.#records = records;
    this.heldSince = now;
    this.settledAt = now;
  }

  /** Some of it has left. */
  get released(): boolean {
    return this.size > this.waiting;
  }

  add(delivery: Delivery, row: number): void {
    const record = this.#records.add(delivery, row);
    if (this.#last === NIL) this.#first = record;
    else this.#records.setNext(this.#last, record);
    this.#last = record;
    if (this.#firstHeld === NIL) this.#firstHeld = record;
    this.#known?.add(this.#records.idLow(record));
    this.waiting++;
    this.size++;
    this.bytes += delivery.scan.spanSize(row);
  }

  /** This very span has come before. */
  has(scan: TracesScan, row: number): boolean {
    if (this.size > FEW && !this.#ids().has(scan.spanIdLow(row))) return false;
    for (let record = this.#first; record !== NIL; record = this.#records.next(record))
      if (this.#records.is(record, scan, row)) return true;
    return false;
  }

  /** Calls `visit` with every span held. */
  each(visit: (delivery: Delivery, row: number, record: number) => void): void {
    const records = this.#records;
    for (let record = this.#firstHeld; record !== NIL; record = records.next(record))
      visit(records.delivery(record)!, records.row(record), record);
  }

  /** Its spans have left. */
  leave(epochUnixNano: bigint): void {
    this.each(({ scan }, row, record) => this.#records.leave(record, scan.startTime(row, epochUnixNano)));
    this.#firstHeld = NIL;
    this.#known = undefined;
    this.waiting = 0;
    this.bytes = 0;
  }

  /** Copies its spans out of their requests: what is held for long must not keep whole requests in memory. */
  copyOut(): void {
    const copies = new Map<Peer | undefined, TracesBuilder>();
    const records = new Map<string, number[]>();
    this.each(({ scan, peer, own }, row, record) => {
      if (own) return;
      const builder = copies.get(peer) ?? new TracesBuilder();
      copies.set(peer, builder);
      const resource = scan.resource(row);
      const scope = scan.scope(row);
      builder.add(resource.bytes, resource.key, scope.bytes, scope.key, scan.bytes(row));
      const spanId = scan.spanId(row);
      records.set(spanId, [...(records.get(spanId) ?? []), record]);
    });
    for (const [peer, builder] of copies) {
      const scan = scanTraces(builder.encode());
      const delivery: Delivery = { scan, peer, own: true };
      for (let row = 0; row < scan.count; row++) {
        const record = records.get(scan.spanId(row))!.find((one) => this.#records.is(one, scan, row));
        this.#records.move(record!, delivery, row);
      }
    }
  }

  /** All its spans as members of a tree. */
  nodes(epochUnixNano: bigint): SdkNode[] {
    const nodes: SdkNode[] = [];
    for (let record = this.#first; record !== NIL; record = this.#records.next(record)) {
      const delivery = this.#records.delivery(record);
      nodes.push(
        delivery
          ? sdkNode(delivery.scan, this.#records.row(record), undefined, delivery.peer, epochUnixNano)
          : leftSdkNode(this.id, this.#records, record),
      );
    }
    return nodes;
  }

  /** Gives its records back. */
  forget(): void {
    for (let record = this.#first; record !== NIL; ) {
      const next = this.#records.next(record);
      this.#records.remove(record);
      record = next;
    }
    this.#first = NIL;
    this.#firstHeld = NIL;
    this.#last = NIL;
  }

  #ids(): Set<number> {
    if (!this.#known) {
      this.#known = new Set();
      for (let record = this.#first; record !== NIL; record = this.#records.next(record))
        this.#known.add(this.#records.idLow(record));
    }
    return this.#known;
  }
}
