/** How many there are of each. */
export class Counts<T> {
  readonly #counts = new Map<T, number>();

  has(item: T): boolean {
    return this.#counts.has(item);
  }

  add(item: T): void {
    this.#counts.set(item, (this.#counts.get(item) ?? 0) + 1);
  }

  /** One less; there is one. */
  remove(item: T): void {
    const left = this.#counts.get(item)! - 1;
    if (left > 0) this.#counts.set(item, left);
    else this.#counts.delete(item);
  }
}
