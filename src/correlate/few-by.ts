/** A map that nearly always has one entry or none: only a second one makes a table. */
export class FewBy<K extends object, V extends object> {
  #key: K | undefined;
  #value: V | undefined;
  #all: Map<K, V> | undefined;

  get(key: K): V | undefined {
    if (this.#all) return this.#all.get(key);
    return this.#key === key ? this.#value : undefined;
  }

  set(key: K, value: V): void {
    if (this.#all) this.#all.set(key, value);
    else if (this.#key === undefined || this.#key === key) {
      this.#key = key;
      this.#value = value;
    } else {
      this.#all = new Map([
        [this.#key, this.#value!],
        [key, value],
      ]);
      this.#key = undefined;
      this.#value = undefined;
    }
  }

  /** False if it was not there. */
  delete(key: K): boolean {
    if (this.#all) return this.#all.delete(key);
    if (this.#key !== key) return false;
    this.#key = undefined;
    this.#value = undefined;
    return true;
  }
}
