/** Numbers for objects that many records share, as long as one of them uses it. */
export class Slots<T extends object> {
  readonly #values: (T | undefined)[] = [];
  readonly #uses: number[] = [];
  readonly #free: number[] = [];
  readonly #slotOf = new Map<T, number>();
  #last: T | undefined;
  #lastSlot = 0;

  get(slot: number): T {
    return this.#values[slot]!;
  }

  /** The number of `value`, used once more. */
  use(value: T): number {
    if (value !== this.#last) {
      this.#lastSlot = this.#slotOf.get(value) ?? this.#add(value);
      this.#last = value;
    }
    this.#uses[this.#lastSlot]!++;
    return this.#lastSlot;
  }

  /** Used once less. */
  release(slot: number): void {
    if (--this.#uses[slot]! > 0) return;
    const value = this.#values[slot]!;
    this.#slotOf.delete(value);
    this.#values[slot] = undefined;
    this.#free.push(slot);
    if (value === this.#last) this.#last = undefined;
  }

  #add(value: T): number {
    const slot = this.#free.pop() ?? this.#values.length;
    this.#values[slot] = value;
    this.#uses[slot] = 0;
    this.#slotOf.set(value, slot);
    return slot;
  }
}
