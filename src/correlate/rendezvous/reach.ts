/** Says when something of what may fail over and over has begun to, and when all of it works again. */
export class Reach<What extends string> {
  readonly #lost: (error: Error) => void;
  readonly #back: () => void;
  readonly #failing = new Set<What>();

  constructor(lost: (error: Error) => void, back: () => void) {
    this.#lost = lost;
    this.#back = back;
  }

  failed(what: What, error: Error): void {
    if (this.#failing.size === 0) this.#lost(error);
    this.#failing.add(what);
  }

  worked(what: What): void {
    if (this.#failing.delete(what) && this.#failing.size === 0) this.#back();
  }
}
