/**
 * The collector's own numbers, by metric name and attributes. One is looked up once and then changed as a plain
 * number, so that counting costs nothing on the data path.
 */
export interface Counter {
  value: number;
}

/** A number that goes down as well: the length of a queue, requests under way. */
export interface Gauge {
  value: number;
}

export type MetricKind = 'counter' | 'gauge';

interface Family {
  readonly kind: MetricKind;
  /** By attributes. */
  readonly series: Map<string, { value: number }>;
}

/**
 * Every number of one collector.
 *
 * ```ts
 * import { Counters } from 'spanloom';
 *
 * const counters = new Counters();
 * const lost = counters.counter('shop_lost_spans', { exporter: 'shop' });
 * lost.value += 3;
 * for (const { name, attributes, value } of counters.entries()) console.log(name, attributes, value);
 * ```
 */
export class Counters {
  readonly #families = new Map<string, Family>();

  /** The counter `name{attributes}`, made at zero when first asked for. */
  counter(name: string, attributes: Readonly<Record<string, string>> = {}): Counter {
    return this.#series('counter', name, attributes);
  }

  /** The gauge `name{attributes}`, made at zero when first asked for. */
  gauge(name: string, attributes: Readonly<Record<string, string>> = {}): Gauge {
    return this.#series('gauge', name, attributes);
  }

  /** Every number, in the order it was first asked for. */
  *entries(): Iterable<{
    name: string;
    kind: MetricKind;
    attributes: Record<string, string>;
    value: number;
  }> {
    for (const [name, { kind, series }] of this.#families)
      for (const [key, { value }] of series)
        yield { name, kind, attributes: Object.fromEntries(JSON.parse(key)), value };
  }

  #series(kind: MetricKind, name: string, attributes: Readonly<Record<string, string>>): { value: number } {
    let family = this.#families.get(name);
    if (!family) {
      family = { kind, series: new Map() };
      this.#families.set(name, family);
    } else if (family.kind !== kind) throw new TypeError(`${name} is a ${family.kind}, not a ${kind}`);
    const key = JSON.stringify(Object.entries(attributes).sort());
    let number = family.series.get(key);
    if (!number) {
      number = { value: 0 };
      family.series.set(key, number);
    }
    return number;
  }
}
