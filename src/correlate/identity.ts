import type { Exchange, Side } from '../receiver/ebpf/exchange.ts';

/**
 * Ids of zero-code spans.
 *
 * They are a function of the exchange's name (connection, position, side) alone: both ends, a restarted collector and
 * a replay all compute the same ids, and a child can name its parent before the parent has ended.
 */

/** Distinguishes the uses of one name, so that a trace id never shares words with a span id. */
const SPAN = 0x5bd1e995;
const TRACE_HIGH = 0x27d4eb2f;
const TRACE_LOW = 0x165667b1;

const scratch = Buffer.alloc(16);

/** 16 lower-case hex digits, never all zero. */
export function spanIdOf(exchange: Exchange): string {
  putSpanId(scratch, exchange);
  return scratch.toString('hex', 0, 8);
}

/** The span id of the same exchange at the other end of its connection. */
export function otherSpanIdOf(exchange: Exchange): string {
  putHash64(scratch, 0, exchange, SPAN, exchange.side === 'client' ? 'server' : 'client');
  return scratch.toString('hex', 0, 8);
}

/** 32 lower-case hex digits: the trace of an exchange that nothing joins to another trace. */
export function traceIdOf(exchange: Exchange): string {
  putTraceId(scratch, exchange);
  return scratch.toString('hex', 0, 16);
}

/** The same as `spanIdOf`, as the first 8 bytes of `out`. */
export function putSpanId(out: Uint8Array, exchange: Exchange): void {
  putHash64(out, 0, exchange, SPAN);
}

/** The same as `traceIdOf`, as the first 16 bytes of `out`. */
export function putTraceId(out: Uint8Array, exchange: Exchange): void {
  putHash64(out, 0, exchange, TRACE_HIGH);
  putHash64(out, 8, exchange, TRACE_LOW);
}

function putHash64(
  out: Uint8Array,
  at: number,
  exchange: Exchange,
  seed: number,
  end: Side = exchange.side,
): void {
  const { isnLow, isnHigh } = exchange.connection;
  const positionLow = exchange.position >>> 0;
  const positionHigh = Math.floor(exchange.position / 2 ** 32) >>> 0;
  const side = end === 'client' ? 1 : 2;
  let a = round(seed ^ side, isnLow);
  let b = round(Math.imul(seed, 0x9e3779b1) ^ side ^ a, isnLow);
  a = round(a, isnHigh);
  b = round(b ^ a, isnHigh);
  a = round(a, positionLow);
  b = round(b ^ a, positionLow);
  a = round(a, positionHigh);
  b = round(b ^ a, positionHigh);
  const high = finish(a ^ Math.imul(b, 0x85ebca6b));
  const low = finish(b ^ Math.imul(a, 0xc2b2ae35));
  putBigEndian(out, at, high);
  putBigEndian(out, at + 4, high === 0 && low === 0 ? 1 : low);
}

function putBigEndian(out: Uint8Array, at: number, word: number): void {
  out[at] = word >>> 24;
  out[at + 1] = word >>> 16;
  out[at + 2] = word >>> 8;
  out[at + 3] = word;
}

/** One round and the finaliser of MurmurHash3 (32 bits). */
function round(state: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  const h = state ^ Math.imul(k, 0x1b873593);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(h: number): number {
  let x = h ^ (h >>> 16);
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
