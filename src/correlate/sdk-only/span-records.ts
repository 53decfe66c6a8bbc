import { type Nanos, SECOND } from '../../collector/clock.ts';
import type { Peer } from '../../otlp/batch.ts';
import type { ResourceEnvelope, ScopeEnvelope } from '../../otlp/envelope.ts';
import { StartTimes } from '../../otlp/span-start.ts';
import type { TracesScan } from '../../otlp/traces-scan.ts';
import { Blocks, type Place } from './blocks.ts';
import { Slots } from './slots.ts';
import {
  BLOCK,
  ID_HIGH,
  ID_LOW,
  LEFT_AT,
  NEXT,
  NIL,
  OFFSET,
  PARENT_HIGH,
  PARENT_LOW,
  PEER,
  RESOURCE_KIND,
  SCOPE,
  SIZE,
  SpanWords,
  START,
} from './span-words.ts';

const KIND_BITS = 3;
const KIND_MASK = (1 << KIND_BITS) - 1;

/** Resolution of the time a trace left at. */
const TICK: Nanos = SECOND / 10;

/** What is known of spans held or remembered, by the numbers of their records. */
export class SpanRecords {
  readonly #words = new SpanWords();
  readonly #blocks = new Blocks();
  readonly #resources = new Slots<ResourceEnvelope>();
  readonly #scopes = new Slots<ScopeEnvelope>();
  readonly #peers = new Slots<Peer>();
  readonly #startTimes: StartTimes;

  constructor(epochUnixNano: bigint) {
    this.#startTimes = new StartTimes(epochUnixNano);
  }

  /** Copies a request whose spans are to be held. */
  keep(body: Uint8Array): Place {
    return this.#blocks.keep(body);
  }

  /** A record of a span of a request that was copied to `place`. */
  add(scan: TracesScan, row: number, place: Place, peer: Peer | undefined): number {
    const words = this.#words;
    const record = words.take();
    words.set(record, ID_HIGH, scan.spanIdHigh(row));
    words.set(record, ID_LOW, scan.spanIdLow(row));
    words.set(record, PARENT_HIGH, scan.parentIdHigh(row));
    words.set(record, PARENT_LOW, scan.parentIdLow(row));
    words.set(
      record,
      RESOURCE_KIND,
      (this.#resources.use(scan.resource(row)) << KIND_BITS) | kindOf(scan, row),
    );
    words.set(record, NEXT, NIL);
    words.set(record, BLOCK, place.block);
    words.set(record, OFFSET, place.offset + scan.spanOffset(row));
    words.set(record, SIZE, scan.spanSize(row));
    words.set(record, SCOPE, this.#scopes.use(scan.scope(row)));
    words.set(record, PEER, peer ? this.#peers.use(peer) : NIL);
    this.#blocks.use(place.block);
    return record;
  }

  /** The span, whose bytes these are, has left: they are not needed any more. */
  leave(record: number, span: Uint8Array): void {
    const start = this.#startTimes.of(span);
    this.#releaseHeld(record);
    this.#words.set(record, BLOCK, NIL);
    this.#words.setDouble(record, START, start);
  }

  /** Copies the span away from what came with it. */
  copyOut(record: number): void {
    const from = this.#words.get(record, BLOCK);
    const { block, offset } = this.#blocks.keep(this.bytes(record));
    this.#blocks.use(block);
    this.#words.set(record, BLOCK, block);
    this.#words.set(record, OFFSET, offset);
    this.#blocks.release(from);
  }

  /** Forgets the span. The number is another's from now on. */
  remove(record: number): void {
    this.#resources.release(this.#words.get(record, RESOURCE_KIND) >>> KIND_BITS);
    if (this.isHeld(record)) this.#releaseHeld(record);
    this.#words.giveBack(record);
  }

  next(record: number): number {
    return this.#words.get(record, NEXT);
  }

  setNext(record: number, next: number): void {
    this.#words.set(record, NEXT, next);
  }

  isHeld(record: number): boolean {
    return this.#words.get(record, BLOCK) !== NIL;
  }

  /** The `Span` message of a span that is held: a view that is good until the next request is kept. */
  bytes(record: number): Uint8Array {
    const words = this.#words;
    return this.#blocks.view(words.get(record, BLOCK), words.get(record, OFFSET), words.get(record, SIZE));
  }

  size(record: number): number {
    return this.#words.get(record, SIZE);
  }

  scope(record: number): ScopeEnvelope {
    return this.#scopes.get(this.#words.get(record, SCOPE));
  }

  peer(record: number): Peer | undefined {
    const slot = this.#words.get(record, PEER);
    return slot === NIL ? undefined : this.#peers.get(slot);
  }

  resource(record: number): ResourceEnvelope {
    return this.#resources.get(this.#words.get(record, RESOURCE_KIND) >>> KIND_BITS);
  }

  kind(record: number): number {
    return this.#words.get(record, RESOURCE_KIND) & KIND_MASK;
  }

  idLow(record: number): number {
    return this.#words.get(record, ID_LOW);
  }

  spanId(record: number): string {
    return hex(this.#words.get(record, ID_HIGH)) + hex(this.#words.get(record, ID_LOW));
  }

  /** Empty for a root. */
  parentSpanId(record: number): string {
    const high = this.#words.get(record, PARENT_HIGH);
    const low = this.#words.get(record, PARENT_LOW);
    return (high | low) === 0 ? '' : hex(high) + hex(low);
  }

  /** Of a span that has left. */
  start(record: number): Nanos {
    return this.#words.getDouble(record, START);
  }

  /** Of a span that has left: when the last of its trace did. */
  setLeftAt(record: number, now: Nanos): void {
    this.#words.set(record, LEFT_AT, Math.ceil(now / TICK));
  }

  /** To the next tenth of a second. */
  leftAt(record: number): Nanos {
    return this.#words.get(record, LEFT_AT) * TICK;
  }

  /** Whether this very span is in `row`: sent again, as both ends of a call may share an id (b3). */
  is(record: number, scan: TracesScan, row: number): boolean {
    const words = this.#words;
    return (
      words.get(record, ID_LOW) === scan.spanIdLow(row) &&
      words.get(record, ID_HIGH) === scan.spanIdHigh(row) &&
      this.kind(record) === kindOf(scan, row) &&
      this.resource(record).key === scan.resource(row).key
    );
  }

  #releaseHeld(record: number): void {
    const words = this.#words;
    this.#blocks.release(words.get(record, BLOCK));
    this.#scopes.release(words.get(record, SCOPE));
    const peer = words.get(record, PEER);
    if (peer !== NIL) this.#peers.release(peer);
  }
}

/** Kinds that OTLP does not know yet are one. */
function kindOf(scan: TracesScan, row: number): number {
  return Math.min(scan.kind(row) >>> 0, KIND_MASK);
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
