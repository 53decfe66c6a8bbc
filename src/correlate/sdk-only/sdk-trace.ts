import type { Nanos } from '../../collector/clock.ts';
import type { Peer } from '../../otlp/batch.ts';
import type { ResourceEnvelope, ScopeEnvelope } from '../../otlp/envelope.ts';
import { TracesBuilder } from '../../otlp/traces-builder.ts';
import { scanTraces, type TracesScan } from '../../otlp/traces-scan.ts';
import type { Due } from '../due-queue.ts';
import type { SdkNode } from '../node.ts';
import { leftSdkNode, sdkNode } from '../sdk-spans.ts';
import type { Place } from './blocks.ts';
import type { SpanRecords } from './span-records.ts';
import { NIL } from './span-words.ts';

/** From here on a set of ids is quicker than a look at each. */
const FEW = 64;

/** Takes a span that leaves as it came. Its bytes are good until the next request is received. */
export type WriteSpan = (resource: ResourceEnvelope, scope: ScopeEnvelope, span: Uint8Array) => void;

/** A trace of SDK spans alone, of programs that nobody observes. Nothing is decided about it: it leaves as it came. */
export class SdkTrace implements Due {
  queued = -1;
  /** When its last span came. */
  settledAt: Nanos;
  /** Of spans held. */
  bytes = 0;
  /** Spans that have not left. */
  waiting = 0;
  /** Spans held or remembered. */
  size = 0;
  readonly #records: SpanRecords;
  /** Its records are a list: those of spans that have left come first. */
  #first: number;
  #firstHeld = NIL;
  #last = NIL;
  /** Low words of all ids, once there are many. */
  #known: Set<number> | undefined;

  /** @param left the first of its records, where some of it has left */
  constructor(
    readonly id: string,
    records: SpanRecords,
    readonly heldSince: Nanos,
    left = NIL,
  ) {
    this.#records = records;
    this.settledAt = heldSince;
    this.#first = left;
    for (let record = left; record !== NIL; record = records.next(record)) {
      this.#last = record;
      this.size++;
    }
  }

  /** Some of it has left. */
  get released(): boolean {
    return this.size > this.waiting;
  }

  add(scan: TracesScan, row: number, place: Place, peer: Peer | undefined): void {
    const record = this.#records.add(scan, row, place, peer);
    if (this.#last === NIL) this.#first = record;
    else this.#records.setNext(this.#last, record);
    this.#last = record;
    if (this.#firstHeld === NIL) this.#firstHeld = record;
    this.#known?.add(this.#records.idLow(record));
    this.waiting++;
    this.size++;
    this.bytes += this.#records.size(record);
  }

  /** This very span has come before. */
  has(scan: TracesScan, row: number): boolean {
    if (this.size > FEW && !this.#ids().has(scan.spanIdLow(row))) return false;
    for (let record = this.#first; record !== NIL; record = this.#records.next(record))
      if (this.#records.is(record, scan, row)) return true;
    return false;
  }

  /** Calls `visit` with every span held. */
  each(visit: (record: number, records: SpanRecords) => void): void {
    for (let record = this.#firstHeld; record !== NIL; record = this.#records.next(record))
      visit(record, this.#records);
  }

  /** Its spans leave; what is remembered of it begins with the record that is returned. */
  leave(now: Nanos, write: WriteSpan): number {
    this.each((record, records) => {
      const span = records.bytes(record);
      write(records.resource(record), records.scope(record), span);
      records.leave(record, span);
    });
    this.#records.setLeftAt(this.#first, now);
    return this.#first;
  }

  /** Copies its spans away from those that came with them: what is held for long must not keep those in memory. */
  copyOut(): void {
    this.each((record, records) => records.copyOut(record));
  }

  /** All its spans as members of a tree. */
  nodes(epochUnixNano: bigint): SdkNode[] {
    const nodes: SdkNode[] = [];
    for (let record = this.#first; record !== this.#firstHeld; record = this.#records.next(record))
      nodes.push(leftSdkNode(this.id, this.#records, record));
    const byPeer = new Map<Peer | undefined, TracesBuilder>();
    this.each((record, records) => {
      const peer = records.peer(record);
      const builder = byPeer.get(peer) ?? new TracesBuilder();
      byPeer.set(peer, builder);
      builder.addSpan(records.resource(record), records.scope(record), records.bytes(record));
    });
    for (const [peer, builder] of byPeer) {
      const scan = scanTraces(builder.encode());
      for (let row = 0; row < scan.count; row++)
        nodes.push(sdkNode(scan, row, undefined, peer, epochUnixNano));
    }
    return nodes;
  }

  /** Gives its records back. */
  forget(): void {
    forgetRecords(this.#records, this.#first);
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

/** Gives back the records from `first` on; returns how many there were. */
export function forgetRecords(records: SpanRecords, first: number): number {
  let count = 0;
  for (let record = first; record !== NIL; count++) {
    const next = records.next(record);
    records.remove(record);
    record = next;
  }
  return count;
}
