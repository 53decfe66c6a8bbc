/**
 * Values by key, those of one key in the order they came. Nearly all keys have one value, which stands in the table itself:
 * only a second one makes a set.
 */
export class Groups<K, V extends object> {
  readonly #groups = new Map<K, V | Set<V>>();

  /** How many keys have a value. */
  get size(): number {
    return this.#groups.size;
  }

  add(key: K, value: V): void {
    const group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, value);
    else if (group instanceof Set) group.add(value);
    else if (group !== value) this.#groups.set(key, new Set([group, value]));
  }

  /** False if it was not there. */
  delete(key: K, value: V): boolean {
    const group = this.#groups.get(key);
    if (group instanceof Set) {
      if (!group.delete(value)) return false;
      if (group.size === 0) this.#groups.delete(key);
      return true;
    }
    return group === value && this.#groups.delete(key);
  }

  /** How many values the key has. */
  count(key: K): number {
    const group = this.#groups.get(key);
    return group instanceof Set ? group.size : group === undefined ? 0 : 1;
  }

  /** The key's value that came first. */
  first(key: K): V | undefined {
    const group = this.#groups.get(key);
    return group instanceof Set ? group.values().next().value : group;
  }

  /** The key's values. */
  *of(key: K): Iterable<V> {
    const group = this.#groups.get(key);
    if (group instanceof Set) yield* group;
    else if (group !== undefined) yield group;
  }

  keys(): Iterable<K> {
    return this.#groups.keys();
  }
}
