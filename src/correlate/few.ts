/** A set that nearly always has one member or none, in the order they came: only a second one makes a table. */
export class Few<T extends object | number> {
  #only: T | undefined;
  #all: Set<T> | undefined;

  get size(): number {
    return this.#all ? this.#all.size : this.#only === undefined ? 0 : 1;
  }

  /** The member that came first. */
  get first(): T | undefined {
    return this.#all ? this.#all.values().next().value : this.#only;
  }

  has(member: T): boolean {
    return this.#all ? this.#all.has(member) : this.#only === member;
  }

  add(member: T): void {
    if (this.#all) this.#all.add(member);
    else if (this.#only === undefined) this.#only = member;
    else if (this.#only !== member) {
      this.#all = new Set([this.#only, member]);
      this.#only = undefined;
    }
  }

  /** False if it was not there. */
  delete(member: T): boolean {
    if (this.#all) return this.#all.delete(member);
    if (this.#only !== member) return false;
    this.#only = undefined;
    return true;
  }

  copy(): Few<T> {
    const copy = new Few<T>();
    copy.#only = this.#only;
    if (this.#all) copy.#all = new Set(this.#all);
    return copy;
  }

  clear(): void {
    this.#only = undefined;
    this.#all = undefined;
  }

  [Symbol.iterator](): Iterator<T> {
    if (this.#all) return this.#all.values();
    return (this.#only === undefined ? [] : [this.#only]).values();
  }
}
