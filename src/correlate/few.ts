/** Up to so many members are looked through; a table costs more to make, to copy and to keep. */
const MAX_LISTED = 64;

/**
 * A set that nearly always has few members, in the order they came: one stands for itself, some are a list, and only many
 * make a table.
 */
export class Few<T extends object | number> {
  #only: T | undefined;
  #some: T[] | undefined;
  #all: Set<T> | undefined;

  get size(): number {
    if (this.#all) return this.#all.size;
    if (this.#some) return this.#some.length;
    return this.#only === undefined ? 0 : 1;
  }

  /** The member that came first. */
  get first(): T | undefined {
    if (this.#all) return this.#all.values().next().value;
    return this.#some ? this.#some[0] : this.#only;
  }

  has(member: T): boolean {
    if (this.#all) return this.#all.has(member);
    return this.#some ? this.#some.includes(member) : this.#only === member;
  }

  add(member: T): void {
    if (this.#all) this.#all.add(member);
    else if (this.#some) this.#addTo(this.#some, member);
    else if (this.#only === undefined) this.#only = member;
    else if (this.#only !== member) {
      this.#some = [this.#only, member];
      this.#only = undefined;
    }
  }

  #addTo(some: T[], member: T): void {
    if (some.includes(member)) return;
    some.push(member);
    if (some.length <= MAX_LISTED) return;
    this.#all = new Set(some);
    this.#some = undefined;
  }

  /** False if it was not there. */
  delete(member: T): boolean {
    if (this.#all) return this.#all.delete(member);
    if (this.#some) return deleteFrom(this.#some, member);
    if (this.#only !== member) return false;
    this.#only = undefined;
    return true;
  }

  copy(): Few<T> {
    const copy = new Few<T>();
    copy.#only = this.#only;
    copy.#some = this.#some?.slice();
    if (this.#all) copy.#all = new Set(this.#all);
    return copy;
  }

  clear(): void {
    this.#only = undefined;
    this.#some = undefined;
    this.#all = undefined;
  }

  /** The members as an array of its own. */
  toArray(): T[] {
    if (this.#all) return [...this.#all];
    return this.#some?.slice() ?? (this.#only === undefined ? [] : [this.#only]);
  }

  /** A member that leaves meanwhile may still come. */
  [Symbol.iterator](): Iterator<T> {
    return (this.#all ?? this.toArray()).values();
  }
}

function deleteFrom<T>(some: T[], member: T): boolean {
  const at = some.indexOf(member);
  if (at < 0) return false;
  some.splice(at, 1);
  return true;
}
