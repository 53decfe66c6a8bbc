/** Says when something that may fail over and over has begun to, and when it works again. */
export class Reach {
  readonly #lost: (error: Error) => void;
  readonly #back: () => void;
  #failing = false;

  constructor(lost: (error: Error) => void, back: () => void) {
    this.#lost = lost;
    this.#back = back;
  }

  failed(error: Error): void {
    if (!this.#failing) this.#lost(error);
    this.#failing = true;
  }

  worked(): void {
    if (this.#failing) this.#back();
    this.#failing = false;
  }
}
