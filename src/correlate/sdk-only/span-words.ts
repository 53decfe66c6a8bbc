/** Words of a span's record: its ids, what else tells it from others, and the next record of its trace. */
export const ID_HIGH = 0;
export const ID_LOW = 1;
export const PARENT_HIGH = 2;
export const PARENT_LOW = 3;
/** Number of the resource, and the kind in the lowest bits. */
export const RESOURCE_KIND = 4;
/** -1 at the end. Of a record that is not used: the next such. */
export const NEXT = 5;
/** -1 once the span has left. */
export const BLOCK = 6;
/** While it is held. */
export const OFFSET = 7;
export const SIZE = 8;
export const SCOPE = 9;
/** -1: nobody known. */
export const PEER = 10;
/** Once it has left, in the place of what is not needed any more: its start (a double), and when the trace left (its first). */
export const START = 7;
export const LEFT_AT = 9;

const STRIDE = 11;
const PAGE_BITS = 12;
const PAGE_RECORDS = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_RECORDS - 1;

/** No record. */
export const NIL = -1;

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

/**
 * Records by number. There are hundreds of thousands, so that they are words in a few arrays instead of objects: the
 * garbage collector would look at each of those again and again.
 */
export class SpanWords {
  readonly #pages: Int32Array[] = [];
  #free = NIL;

  take(): number {
    if (this.#free === NIL) this.#grow();
    const record = this.#free;
    this.#free = this.get(record, NEXT);
    return record;
  }

  giveBack(record: number): void {
    this.set(record, NEXT, this.#free);
    this.#free = record;
  }

  get(record: number, word: number): number {
    return this.#pages[record >>> PAGE_BITS]![(record & PAGE_MASK) * STRIDE + word]!;
  }

  set(record: number, word: number, value: number): void {
    this.#pages[record >>> PAGE_BITS]![(record & PAGE_MASK) * STRIDE + word] = value;
  }

  /** A number in two words. */
  getDouble(record: number, word: number): number {
    halves[0] = this.get(record, word);
    halves[1] = this.get(record, word + 1);
    return double[0]!;
  }

  setDouble(record: number, word: number, value: number): void {
    double[0] = value;
    this.set(record, word, halves[0]!);
    this.set(record, word + 1, halves[1]!);
  }

  #grow(): void {
    const first = this.#pages.length << PAGE_BITS;
    const page = new Int32Array(PAGE_RECORDS * STRIDE);
    for (let i = 0; i < PAGE_RECORDS; i++) page[i * STRIDE + NEXT] = first + i + 1;
    page[PAGE_MASK * STRIDE + NEXT] = NIL;
    this.#pages.push(page);
    this.#free = first;
  }
}
