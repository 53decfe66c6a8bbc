/**
 * The collector's own counts, by metric name and attributes. A counter is looked up once and then incremented as a
 * plain number, so that counting costs nothing on the data path.
 */
export interface Counter {
  value: number;
}

export class Counters {
  readonly #counters = new Map<string, Map<string, Counter>>();

  /** The counter `name{attributes}`, made at zero when first asked for. */
  counter(name: string, attributes: Readonly<Record<string, string>> = {}): Counter {
    let family = this.#counters.get(name);
    if (!family) {
      family = new Map();
      this.#counters.set(name, family);
    }
    const key = JSON.stringify(Object.entries(attributes).sort());
    let counter = family.get(key);
    if (!counter) {
      counter = { value: 0 };
      family.set(key, counter);
    }
    return counter;
  }

  /** Every counter, in the order it was first asked for. */
  *entries(): Iterable<{ name: string; attributes: Record<string, string>; value: number }> {
    for (const [name, family] of this.#counters)
      for (const [key, counter] of family)
        yield { name, attributes: Object.fromEntries(JSON.parse(key)), value: counter.value };
  }
}
