import type { Exchange } from '../receiver/ebpf/exchange.ts';

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

/** 16 lower-case hex digits, never all zero. */
export function spanIdOf(exchange: Exchange): string {
  return hash64(exchange, SPAN);
}

/** 32 lower-case hex digits: the trace of an exchange that nothing joins to another trace. */
export function traceIdOf(exchange: Exchange): string {
  return hash64(exchange, TRACE_HIGH) + hash64(exchange, TRACE_LOW);
}

function hash64(exchange: Exchange, seed: number): string {
  const { isnLow, isnHigh } = exchange.connection;
  const positionLow = exchange.position >>> 0;
  const positionHigh = Math.floor(exchange.position / 2 ** 32) >>> 0;
  const side = exchange.side === 'client' ? 1 : 2;
  let a = seed ^ side;
  let b = Math.imul(seed, 0x9e3779b1) ^ side;
  for (const word of [isnLow, isnHigh, positionLow, positionHigh]) {
    a = round(a, word);
    b = round(b ^ a, word);
  }
  const high = finish(a ^ Math.imul(b, 0x85ebca6b));
  const low = finish(b ^ Math.imul(a, 0xc2b2ae35));
  return hex32(high) + hex32(high === 0 && low === 0 ? 1 : low);
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

const HEX = Array.from({ length: 65536 }, (_, i) => i.toString(16).padStart(4, '0'));

function hex32(word: number): string {
  return HEX[word >>> 16]! + HEX[word & 0xffff]!;
}
