/** Wire types of the protobuf encoding. */
export const VARINT = 0;
export const FIXED64 = 1;
export const LEN = 2;
export const GROUP_START = 3;
export const GROUP_END = 4;
export const FIXED32 = 5;

/** Messages and groups nested deeper than this are refused, as by the protobuf runtimes of C++ and Java. */
export const MAX_DEPTH = 100;

/** Bytes a varint of `value` takes; `value` is a length or a tag, below 2^31. */
export function varintSize(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5;
}

/** Bytes a varint of any integer from 0 to 2^53 takes. */
export function longVarintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
  return size;
}

/** Writes `value`, an integer from 0 to 2^53, as a varint and returns the position after it. */
export function putLongVarint(out: Uint8Array, position: number, value: number): number {
  let rest = value;
  let at = position;
  for (; rest >= 2 ** 31; rest = Math.floor(rest / 0x80)) out[at++] = (rest % 0x80) | 0x80;
  return putVarint(out, at, rest);
}

/** Writes `value` (below 2^31) as a varint and returns the position after it. */
export function putVarint(out: Uint8Array, position: number, value: number): number {
  let rest = value;
  let at = position;
  while (rest >= 0x80) {
    out[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  out[at++] = rest;
  return at;
}
