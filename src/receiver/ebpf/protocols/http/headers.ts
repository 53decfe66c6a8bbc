import { latin1, latin1OrSame, lineFeed, matchesIgnoringCase, viewOf } from '../text.ts';

/** The fields that matter for framing, context and spans; everything else is skipped. */
export const Field = {
  ContentLength: 1,
  TransferEncoding: 2,
  Host: 3,
  UserAgent: 4,
  ContentType: 5,
  Traceparent: 6,
  Tracestate: 7,
  /** b3, x-b3-*, sw8, uber-trace-id. */
  OtherContext: 8,
  /** x-request-id, x-correlation-id, x-amzn-trace-id. */
  RequestId: 9,
} as const;
export type Field = (typeof Field)[keyof typeof Field];

const FIELDS: readonly (readonly [name: string, field: Field])[] = [
  ['content-length', Field.ContentLength],
  ['transfer-encoding', Field.TransferEncoding],
  ['host', Field.Host],
  ['user-agent', Field.UserAgent],
  ['content-type', Field.ContentType],
  ['traceparent', Field.Traceparent],
  ['tracestate', Field.Tracestate],
  ['b3', Field.OtherContext],
  ['x-b3-traceid', Field.OtherContext],
  ['x-b3-spanid', Field.OtherContext],
  ['x-b3-parentspanid', Field.OtherContext],
  ['x-b3-sampled', Field.OtherContext],
  ['x-b3-flags', Field.OtherContext],
  ['sw8', Field.OtherContext],
  ['uber-trace-id', Field.OtherContext],
  ['x-request-id', Field.RequestId],
  ['x-correlation-id', Field.RequestId],
  ['x-amzn-trace-id', Field.RequestId],
];

const NAMES: readonly Uint8Array[] = FIELDS.map(([name]) => new TextEncoder().encode(name));

/** Indexes into `FIELDS` by the first byte of the name, in both cases: most lines are passed over by it alone. */
const BY_FIRST_BYTE: readonly (readonly number[] | undefined)[] = Array.from({ length: 256 }, (_, byte) => {
  const letter = String.fromCharCode(byte).toLowerCase();
  const indexes = FIELDS.flatMap(([name], index) => (name.startsWith(letter) ? [index] : []));
  return indexes.length > 0 ? indexes : undefined;
});

/** Fields kept of one head: more of these only come from someone who wants to fill memory. */
const MOST_FIELDS = 64;

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const COLON = 0x3a;

/**
 * The header section of a message (RFC 9112 5): where the values of the fields in `Field` stand. One instance is
 * used over and over; nothing is copied until a value is asked for.
 */
export class Headers {
  #data: Uint8Array = new Uint8Array(0);
  readonly #fields = new Uint8Array(MOST_FIELDS);
  readonly #froms = new Int32Array(MOST_FIELDS);
  readonly #tos = new Int32Array(MOST_FIELDS);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /**
   * Reads field lines from `from` on. Returns the index after the empty line that ends them, or -1 where `data` ends
   * before; complete lines seen until then count.
   */
  read(data: Uint8Array, from: number): number {
    this.#data = data;
    this.#count = 0;
    const { length } = data;
    const memory = viewOf(data);
    const base = data.byteOffset;
    let line = from;
    let folding = false;
    for (;;) {
      if (line >= length) return -1;
      const first = data[line]!;
      if (first === LF) return line + 1;
      if (first === CR) {
        if (line + 1 >= length) return -1;
        if (data[line + 1] === LF) return line + 2;
      }
      const lf = lineFeed(data, line, memory, base);
      if (lf < 0) return -1;
      // obs-fold, RFC 9112 5.2: a line that begins with white space continues the field before.
      if (first === SPACE || first === TAB) {
        if (folding) this.#tos[this.#count - 1] = trimmedEnd(data, line, lf);
      } else {
        const candidates = BY_FIRST_BYTE[first];
        folding = candidates !== undefined && this.#keep(candidates, data, line, lf);
      }
      line = lf + 1;
    }
  }

  #keep(candidates: readonly number[], data: Uint8Array, from: number, lf: number): boolean {
    if (this.#count === MOST_FIELDS) return false;
    for (let i = 0; i < candidates.length; i++) {
      const index = candidates[i]!;
      const name = NAMES[index]!;
      const colon = from + name.length;
      if (colon >= lf || data[colon] !== COLON || !isName(data, from, name)) continue;
      let value = colon + 1;
      while (value < lf && (data[value] === SPACE || data[value] === TAB)) value++;
      this.#fields[this.#count] = index;
      this.#froms[this.#count] = value;
      this.#tos[this.#count] = trimmedEnd(data, value, lf);
      this.#count++;
      return true;
    }
    return false;
  }

  field(i: number): Field {
    return FIELDS[this.#fields[i]!]![1];
  }

  /** Lower-case name of the i-th field. */
  name(i: number): string {
    return FIELDS[this.#fields[i]!]![0];
  }

  /** Value of the i-th field, without white space around it and with folds replaced by a space. */
  value(i: number): string {
    return unfolded(latin1(this.#data, this.#froms[i]!, this.#tos[i]!));
  }

  /** The i-th value, `last` itself where it is the same. */
  sameOr(i: number, last: string): string {
    return unfolded(latin1OrSame(this.#data, this.#froms[i]!, this.#tos[i]!, last));
  }

  /** The i-th value as a number of bytes; undefined where it is none. `5, 5` counts as 5 (RFC 9112 6.3). */
  length(i: number): number | undefined {
    const data = this.#data;
    const to = this.#tos[i]!;
    let at = this.#froms[i]!;
    let value = 0;
    const first = at;
    for (; at < to && data[at] !== 0x2c /* , */; at++) {
      const digit = data[at]! - 0x30;
      if (digit < 0 || digit > 9) return undefined;
      value = value * 10 + digit;
    }
    return at > first && value <= Number.MAX_SAFE_INTEGER ? value : undefined;
  }

  /** Whether the i-th value ends with the transfer coding `chunked`, which then frames the body. */
  isChunked(i: number): boolean {
    const at = this.#tos[i]! - 'chunked'.length;
    return at >= this.#froms[i]! && matchesIgnoringCase(this.#data, at, 'chunked');
  }
}

/** `lower` is a name in lower case. What else the folding lets pass can not stand in front of a colon. */
function isName(data: Uint8Array, from: number, lower: Uint8Array): boolean {
  for (let i = 0; i < lower.length; i++) if ((data[from + i]! | 0x20) !== lower[i]) return false;
  return true;
}

function unfolded(text: string): string {
  return text.includes('\n') ? text.replace(/[ \t]*\r?\n[ \t]+/g, ' ') : text;
}

function trimmedEnd(data: Uint8Array, from: number, lf: number): number {
  let to = lf;
  while (to > from && (data[to - 1] === CR || data[to - 1] === SPACE || data[to - 1] === TAB)) to--;
  return to;
}
