import type { Signal } from '../../collector/component.ts';
import { LEN } from '../../otlp/wire/format.ts';
import { WireReader } from '../../otlp/wire/reader.ts';
import { WireWriter } from '../../otlp/wire/writer.ts';

/** Numbers of the fields that lead from an `Export<Signal>ServiceRequest` down to its items. */
const WAY: Readonly<Record<Signal, readonly (readonly number[])[]>> = {
  traces: [[1], [2], [2]],
  // A metric keeps its data points under gauge, sum, histogram, exponential_histogram or summary.
  metrics: [[1], [2], [2], [5, 7, 9, 10, 11], [1]],
  logs: [[1], [2], [2]],
};

/** A request of its own with some of the items of a larger one. */
export interface Piece {
  readonly body: Uint8Array;
  readonly itemCount: number;
}

/**
 * Takes a request apart into requests of at most `max` items, in order. What stands around an item (its resource, its
 * scope, its metric, unknown fields) stands around it in each piece too.
 */
export function split(signal: Signal, body: Uint8Array, max: number): Piece[] {
  return new Splitter(WAY[signal], max).split(body);
}

/** An item, its tag and length included, and the messages around it, outermost first. */
interface Item {
  readonly bytes: Uint8Array;
  readonly around: readonly Envelope[];
}

interface Envelope {
  /** The field the message is in, in the message around it. */
  readonly tag: number;
  /** Its fields other than the ones on the way to the items. */
  readonly rest: Uint8Array;
}

class Splitter {
  readonly #items: Item[] = [];

  constructor(
    readonly way: readonly (readonly number[])[],
    readonly max: number,
  ) {}

  split(body: Uint8Array): Piece[] {
    const outer = this.#collect(body, 0, 0, []);
    const pieces: Piece[] = [];
    for (let start = 0; start < this.#items.length; start += this.max) {
      const items = this.#items.slice(start, start + this.max);
      pieces.push({ body: join(outer.rest, items), itemCount: items.length });
    }
    return pieces;
  }

  /** Adds the items of a message at `depth` of the way. */
  #collect(message: Uint8Array, tag: number, depth: number, around: readonly Envelope[]): Envelope {
    const rest = new WireWriter(message.length);
    const onTheWay: { tag: number; field: Uint8Array; value: Uint8Array }[] = [];
    const reader = new WireReader(message);
    while (reader.pos < reader.end) {
      const start = reader.pos;
      const tag = reader.tag();
      if ((tag & 7) !== LEN || !this.way[depth]!.includes(tag >>> 3)) {
        reader.skip(tag);
        rest.raw(message.subarray(start, reader.pos));
        continue;
      }
      const length = reader.length();
      const value = message.subarray(reader.pos, reader.pos + length);
      reader.pos += length;
      onTheWay.push({ tag, field: message.subarray(start, reader.pos), value });
    }
    const envelope = { tag, rest: rest.copy() };
    const inside = depth === 0 ? around : [...around, envelope];
    for (const { tag, field, value } of onTheWay)
      if (depth === this.way.length - 1) this.#items.push({ bytes: field, around: inside });
      else this.#collect(value, tag, depth + 1, inside);
    return envelope;
  }
}

/** Writes items with the messages around them; neighbours in the same message stay in one. */
function join(rest: Uint8Array, items: readonly Item[], depth = 0): Uint8Array {
  const writer = new WireWriter(1024);
  for (let i = 0; i < items.length; ) {
    const envelope = items[i]!.around[depth];
    if (!envelope) {
      writer.raw(items[i++]!.bytes);
      continue;
    }
    const start = i;
    while (i < items.length && items[i]!.around[depth] === envelope) i++;
    writer.field(envelope.tag, join(envelope.rest, items.slice(start, i), depth + 1));
  }
  writer.raw(rest);
  return writer.copy();
}
