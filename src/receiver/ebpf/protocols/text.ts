const { latin1Slice, utf8Slice } = Buffer.prototype as unknown as Record<
  'latin1Slice' | 'utf8Slice',
  (this: Uint8Array, from: number, to: number) => string
>;

/** The bytes `from` (included) to `to` (excluded) as Latin-1, the encoding of HTTP heads (RFC 9110 5.5). */
export function latin1(data: Uint8Array, from: number, to: number): string {
  return to > from ? latin1Slice.call(data, from, to) : '';
}

/** The same, but `last` itself where the bytes are its: what repeats on a connection is made and kept once. */
export function latin1OrSame(data: Uint8Array, from: number, to: number, last: string): string {
  if (to - from !== last.length) return latin1(data, from, to);
  for (let i = 0; i < last.length; i++)
    if (data[from + i] !== last.charCodeAt(i)) return latin1(data, from, to);
  return last;
}

/** The bytes `from` (included) to `to` (excluded) as UTF-8; malformed sequences become U+FFFD. */
export function utf8(data: Uint8Array, from: number, to: number): string {
  return to > from ? utf8Slice.call(data, from, to) : '';
}

/** Whether the ASCII letters of `lower` stand at `at`, in any case. */
export function matchesIgnoringCase(data: Uint8Array, at: number, lower: string): boolean {
  if (at + lower.length > data.length) return false;
  for (let i = 0; i < lower.length; i++) {
    const expected = lower.charCodeAt(i);
    const byte = data[at + i]!;
    const folded = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
    if (folded !== expected) return false;
  }
  return true;
}

/** How far `data` from `at` agrees with `text`: all of it, as far as there is data, or not. */
export function startsWith(data: Uint8Array, at: number, text: string): 'yes' | 'no' | 'more' {
  const length = Math.min(text.length, data.length - at);
  for (let i = 0; i < length; i++) if (data[at + i] !== text.charCodeAt(i)) return 'no';
  return length === text.length ? 'yes' : 'more';
}

let viewed: ArrayBufferLike | undefined;
let view: DataView = new DataView(new ArrayBuffer(0));

/**
 * A view of the memory behind `data`, for `lineFeed`. Chunks of one drain share a buffer, so that it is made once;
 * asking a typed array for its buffer costs as much as looking at fifty bytes, so ask once a head.
 */
export function viewOf(data: Uint8Array): DataView {
  const { buffer } = data;
  if (buffer !== viewed) {
    viewed = buffer;
    view = new DataView(buffer);
  }
  return view;
}

/**
 * Index of the first LF in `data` at or after `from`, or -1. Four bytes at a time: heads are mostly field values that
 * nobody looks at. `base` is the offset of `data` in `memory`.
 */
export function lineFeed(data: Uint8Array, from: number, memory: DataView, base: number): number {
  const { length } = data;
  let i = from;
  for (; i + 4 <= length; i += 4) {
    const difference = memory.getUint32(base + i, true) ^ 0x0a0a0a0a;
    if (((difference - 0x01010101) & ~difference & 0x80808080) !== 0) break;
  }
  for (; i < length; i++) if (data[i] === 0x0a) return i;
  return -1;
}
