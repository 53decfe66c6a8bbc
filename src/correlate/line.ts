/** What can stand in a `Line`, in one at a time. The line keeps its neighbours there. */
export interface InLine<T> {
  line: object | undefined;
  before: T | undefined;
  after: T | undefined;
}

/**
 * Items in the order they came. A `Set` is one too, but goes through all that have left it to find its first: here that
 * costs the same whatever has been taken out before.
 */
export class Line<T extends InLine<T>> {
  #first: T | undefined;
  #last: T | undefined;

  get first(): T | undefined {
    return this.#first;
  }

  /** Puts the item at the end, unless it is here; out of the line it stands in now, if any, it has to be taken before. */
  add(item: T): void {
    if (item.line === this) return;
    item.line = this;
    item.before = this.#last;
    if (this.#last) this.#last.after = item;
    else this.#first = item;
    this.#last = item;
  }

  /** Takes the item out, if it is here. */
  delete(item: T): void {
    if (item.line !== this) return;
    const { after, before } = item;
    if (before) before.after = after;
    else this.#first = after;
    if (after) after.before = before;
    else this.#last = before;
    item.line = undefined;
    item.before = undefined;
    item.after = undefined;
  }

  /** From the first to the last, as long as nothing is taken out meanwhile. */
  *[Symbol.iterator](): Generator<T, void> {
    for (let item = this.#first; item; item = item.after) yield item;
  }
}
