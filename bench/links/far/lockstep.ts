/** Lets several go on one after the other, whoever has the least time before. */
export class Lockstep {
  readonly #waiting: ({ readonly time: bigint; readonly goOn: () => void } | undefined)[];
  readonly #finished: boolean[];

  constructor(count: number) {
    this.#waiting = Array.from({ length: count });
    this.#finished = Array.from({ length: count }, () => false);
  }

  /** Resolves when nobody else is before `time`. */
  step(who: number, time: bigint): Promise<void> {
    return new Promise((goOn) => {
      this.#waiting[who] = { time, goOn };
      this.#next();
    });
  }

  finished(who: number): void {
    this.#finished[who] = true;
    this.#next();
  }

  #next(): void {
    let first: number | undefined;
    for (const [who, waiting] of this.#waiting.entries()) {
      if (this.#finished[who]) continue;
      // Somebody is at work, and may come to be the first.
      if (!waiting) return;
      if (first === undefined || waiting.time < this.#waiting[first]!.time) first = who;
    }
    if (first === undefined) return;
    const { goOn } = this.#waiting[first]!;
    this.#waiting[first] = undefined;
    goOn();
  }
}
