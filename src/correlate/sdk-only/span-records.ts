import type { Nanos } from '../../collector/clock.ts';
import type { ResourceEnvelope } from '../../otlp/envelope.ts';
import type { TracesScan } from '../../otlp/traces-scan.ts';
import type { Delivery } from './delivery.ts';
import { Slots } from './slots.ts';

/** Words of a record. */
const ID_HIGH = 0;
const ID_LOW = 1;
const PARENT_HIGH = 2;
const PARENT_LOW = 3;
const KIND = 4;
const RESOURCE = 5;
/** The next record of the same trace, or the next free one; -1 at the end. */
const NEXT = 6;
/** Where the span is, while it is held; -1 once it has left. */
const DELIVERY = 7;
const ROW = 8;
const STRIDE = 9;

const PAGE_BITS = 12;
const PAGE_SPANS = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_SPANS - 1;

/** None. */
export const NIL = -1;

/**
 * What is known of spans held or remembered, by number. There are hundreds of thousands, so that they are words in a few
 * arrays instead of objects: the garbage collector would look at each of those again and again.
 */
export class SpanRecords {
  readonly #pages: Int32Array[] = [];
  /** Start times of spans that have left. */
  readonly #starts: Float64Array[] = [];
  readonly #deliveries = new Slots<Delivery>();
  readonly #resources = new Slots<ResourceEnvelope>();
  #free = NIL;

  /** A record of the span in a request. */
  add(delivery: Delivery, row: number): number {
    const { scan } = delivery;
    if (this.#free === NIL) this.#grow();
    const record = this.#free;
    const page = this.#page(record);
    const at = place(record);
    this.#free = page[at + NEXT]!;
    page[at + ID_HIGH] = scan.spanIdHigh(row);
    page[at + ID_LOW] = scan.spanIdLow(row);
    page[at + PARENT_HIGH] = scan.parentIdHigh(row);
    page[at + PARENT_LOW] = scan.parentIdLow(row);
    page[at + KIND] = scan.kind(row);
    page[at + RESOURCE] = this.#resources.use(scan.resource(row));
    page[at + NEXT] = NIL;
    page[at + DELIVERY] = this.#deliveries.use(delivery);
    page[at + ROW] = row;
    return record;
  }

  /** The span has left: its request is not needed any more. */
  leave(record: number, start: Nanos): void {
    const page = this.#page(record);
    const at = place(record) + DELIVERY;
    this.#deliveries.release(page[at]!);
    page[at] = NIL;
    this.#starts[record >>> PAGE_BITS]![record & PAGE_MASK] = start;
  }

  /** The span is found elsewhere from now on. */
  move(record: number, delivery: Delivery, row: number): void {
    const page = this.#page(record);
    const at = place(record);
    this.#deliveries.release(page[at + DELIVERY]!);
    page[at + DELIVERY] = this.#deliveries.use(delivery);
    page[at + ROW] = row;
  }

  /** Forgets the span. The number is another's from now on. */
  remove(record: number): void {
    const page = this.#page(record);
    const at = place(record);
    this.#resources.release(page[at + RESOURCE]!);
    if (page[at + DELIVERY] !== NIL) this.#deliveries.release(page[at + DELIVERY]!);
    page[at + NEXT] = this.#free;
    this.#free = record;
  }

  next(record: number): number {
    return this.#word(record, NEXT);
  }

  setNext(record: number, next: number): void {
    this.#page(record)[place(record) + NEXT] = next;
  }

  /** Undefined once the span has left. */
  delivery(record: number): Delivery | undefined {
    const slot = this.#word(record, DELIVERY);
    return slot === NIL ? undefined : this.#deliveries.get(slot);
  }

  row(record: number): number {
    return this.#word(record, ROW);
  }

  idLow(record: number): number {
    return this.#word(record, ID_LOW);
  }

  spanId(record: number): string {
    return hex(this.#word(record, ID_HIGH)) + hex(this.#word(record, ID_LOW));
  }

  /** Empty for a root. */
  parentSpanId(record: number): string {
    const [high, low] = [this.#word(record, PARENT_HIGH), this.#word(record, PARENT_LOW)];
    return (high | low) === 0 ? '' : hex(high) + hex(low);
  }

  kind(record: number): number {
    return this.#word(record, KIND);
  }

  resource(record: number): ResourceEnvelope {
    return this.#resources.get(this.#word(record, RESOURCE));
  }

  /** Of a span that has left. */
  start(record: number): Nanos {
    return this.#starts[record >>> PAGE_BITS]![record & PAGE_MASK]!;
  }

  /** Whether this very span is in `row`: sent again, as both ends of a call may share an id (b3). */
  is(record: number, scan: TracesScan, row: number): boolean {
    const page = this.#page(record);
    const at = place(record);
    return (
      page[at + ID_LOW] === scan.spanIdLow(row) &&
      page[at + ID_HIGH] === scan.spanIdHigh(row) &&
      page[at + KIND] === scan.kind(row) &&
      this.resource(record).key === scan.resource(row).key
    );
  }

  #page(record: number): Int32Array {
    return this.#pages[record >>> PAGE_BITS]!;
  }

  #word(record: number, word: number): number {
    return this.#page(record)[place(record) + word]!;
  }

  #grow(): void {
    const first = this.#pages.length << PAGE_BITS;
    const page = new Int32Array(PAGE_SPANS * STRIDE);
    for (let i = 0; i < PAGE_SPANS; i++) page[i * STRIDE + NEXT] = first + i + 1;
    page[PAGE_MASK * STRIDE + NEXT] = NIL;
    this.#pages.push(page);
    this.#starts.push(new Float64Array(PAGE_SPANS));
    this.#free = first;
  }
}

function place(record: number): number {
  return (record & PAGE_MASK) * STRIDE;
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
