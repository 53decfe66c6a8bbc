import type { Nanos } from '../../collector/clock.ts';
import type { ResourceEnvelope } from '../../otlp/envelope.ts';
import type { TracesScan } from '../../otlp/traces-scan.ts';

/** Words a span: its id, its parent's id, its kind and the place of its resource. */
const STRIDE = 5;
const KIND_BITS = 3;
const KIND_MASK = (1 << KIND_BITS) - 1;

const PAGE_SPANS = 512;

/** Spans that have left at about the same time, and are forgotten at about the same time. */
class Page {
  readonly words: Int32Array;
  readonly starts: Float64Array;
  readonly resources: ResourceEnvelope[] = [];
  used = 0;

  constructor(readonly capacity: number) {
    this.words = new Int32Array(STRIDE * capacity);
    this.starts = new Float64Array(capacity);
  }

  /** A page sees few resources, mostly the one it saw last. */
  resource(resource: ResourceEnvelope): number {
    const known = this.resources.lastIndexOf(resource);
    return known < 0 ? this.resources.push(resource) - 1 : known;
  }
}

let page = new Page(PAGE_SPANS);

/**
 * What is kept of spans of one trace that have left: as much as tells whether one of them comes again, and what later
 * ones hang under. Many share a page: there are far more of them than of what is held.
 */
export class RememberedSpans {
  readonly #page: Page;
  readonly #from: number;
  #count = 0;

  constructor(readonly capacity: number) {
    if (page.used + capacity > page.capacity) page = new Page(Math.max(PAGE_SPANS, capacity));
    this.#page = page;
    this.#from = page.used;
    page.used += capacity;
  }

  get count(): number {
    return this.#count;
  }

  add(scan: TracesScan, row: number, start: Nanos): void {
    const index = this.#from + this.#count++;
    const { words, starts } = this.#page;
    const at = STRIDE * index;
    words[at] = scan.spanIdHigh(row);
    words[at + 1] = scan.spanIdLow(row);
    words[at + 2] = scan.parentIdHigh(row);
    words[at + 3] = scan.parentIdLow(row);
    words[at + 4] = (this.#page.resource(scan.resource(row)) << KIND_BITS) | (scan.kind(row) & KIND_MASK);
    starts[index] = start;
  }

  idLow(i: number): number {
    return this.#page.words[STRIDE * (this.#from + i) + 1]!;
  }

  spanId(i: number): string {
    return this.#id(i, 0);
  }

  /** Empty for a root. */
  parentSpanId(i: number): string {
    const at = STRIDE * (this.#from + i);
    const { words } = this.#page;
    return (words[at + 2]! | words[at + 3]!) === 0 ? '' : this.#id(i, 2);
  }

  kind(i: number): number {
    return this.#page.words[STRIDE * (this.#from + i) + 4]! & KIND_MASK;
  }

  resource(i: number): ResourceEnvelope {
    return this.#page.resources[this.#page.words[STRIDE * (this.#from + i) + 4]! >>> KIND_BITS]!;
  }

  start(i: number): Nanos {
    return this.#page.starts[this.#from + i]!;
  }

  /** Whether span `i` is this one, sent again. */
  is(i: number, scan: TracesScan, row: number): boolean {
    const at = STRIDE * (this.#from + i);
    const { words } = this.#page;
    return (
      words[at + 1] === scan.spanIdLow(row) &&
      words[at] === scan.spanIdHigh(row) &&
      this.kind(i) === (scan.kind(row) & KIND_MASK) &&
      this.resource(i).key === scan.resource(row).key
    );
  }

  #id(i: number, word: number): string {
    const at = STRIDE * (this.#from + i) + word;
    return hex(this.#page.words[at]!) + hex(this.#page.words[at + 1]!);
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
