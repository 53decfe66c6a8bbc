export interface QueueOptions {
  /** Room, in whatever unit the sizes are. */
  readonly capacity: number;
  /** Elements worked on at the same time. */
  readonly consumers: number;
}

interface Element<T> {
  readonly value: T;
  readonly size: number;
}

/**
 * A bounded first-in, first-out queue with a fixed number of workers. An element takes room until its work has
 * ended, so the bound holds for what is being sent as well.
 */
export class BoundedQueue<T> {
  readonly #options: QueueOptions;
  readonly #taken: { value: number };
  readonly #work: (value: T) => Promise<void>;
  readonly #waiting: Element<T>[] = [];
  readonly #blocked: { element: Element<T>; settle: (admitted: boolean) => void }[] = [];
  readonly #idle: (() => void)[] = [];
  #head = 0;
  #active = 0;

  /**
   * @param taken always shows the room taken, by waiting elements and by those being worked on.
   * @param work never rejects.
   */
  constructor(options: QueueOptions, taken: { value: number }, work: (value: T) => Promise<void>) {
    this.#options = options;
    this.#taken = taken;
    this.#work = work;
  }

  /** Takes the element, or says that there is no room. */
  offer(value: T, size: number): boolean {
    if (this.#blocked.length > 0 || this.#taken.value + size > this.#options.capacity) return false;
    this.#admit({ value, size });
    return true;
  }

  /**
   * Takes the element as soon as there is room; those who wait are served in order. Resolves to false when the queue
   * was cleared first. The size must not exceed the capacity.
   */
  push(value: T, size: number): Promise<boolean> {
    if (this.offer(value, size)) return Promise.resolve(true);
    return new Promise((settle) => this.#blocked.push({ element: { value, size }, settle }));
  }

  /** Resolves when nothing waits and nothing is being worked on. */
  idle(): Promise<void> {
    if (this.#active === 0 && this.#blocked.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Takes out what nobody works on yet, and refuses those who wait for room. */
  clear(): T[] {
    const left = this.#waiting.splice(0).slice(this.#head);
    this.#head = 0;
    for (const { size } of left) this.#taken.value -= size;
    for (const { settle } of this.#blocked.splice(0)) settle(false);
    return left.map(({ value }) => value);
  }

  #admit(element: Element<T>): void {
    this.#taken.value += element.size;
    if (this.#active < this.#options.consumers) void this.#run(element);
    else this.#waiting.push(element);
  }

  async #run(first: Element<T>): Promise<void> {
    this.#active++;
    for (let element: Element<T> | undefined = first; element; element = this.#take()) {
      await this.#work(element.value);
      this.#taken.value -= element.size;
      this.#admitBlocked();
    }
    this.#active--;
    if (this.#active === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  #take(): Element<T> | undefined {
    const element = this.#waiting[this.#head];
    if (!element) return undefined;
    this.#head++;
    // Dropping the consumed front in one go keeps taking O(1) on average.
    if (this.#head === this.#waiting.length || this.#head >= 1024) {
      this.#waiting.splice(0, this.#head);
      this.#head = 0;
    }
    return element;
  }

  #admitBlocked(): void {
    while (this.#blocked.length > 0) {
      const { element, settle } = this.#blocked[0]!;
      if (this.#taken.value + element.size > this.#options.capacity) return;
      this.#blocked.shift();
      this.#admit(element);
      settle(true);
    }
  }
}
