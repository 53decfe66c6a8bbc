import type { Nanos } from '../../../collector/clock.ts';
import type { ExecutionContext, Process } from '../exchange.ts';

/** Ancestors further up than this are let go of; nobody asks for them. */
export const KEPT_ANCESTORS = 16;

/** Contexts whose end nothing tells must not pile up: past this many all are forgotten and met again, without ancestors. */
const LIMIT = 65_536;

class Life implements ExecutionContext {
  constructor(
    readonly process: Process,
    public parent: Life | undefined,
    readonly origin: number,
    readonly since: Nanos | undefined,
  ) {}
}

/** The execution contexts of one process, by the address that names each for now. */
export class Contexts {
  readonly #process: Process;
  readonly #lives = new Map<number, Life>();

  constructor(process: Process) {
    this.#process = process;
  }

  /** The one that is there now; undefined for the address 0, which says that nothing is known. */
  at(address: number): ExecutionContext | undefined {
    return address === 0 ? undefined : this.#at(address);
  }

  begun(address: number, parent: number, origin: number, at: Nanos): ExecutionContext {
    const maker = parent === 0 ? undefined : this.#at(parent);
    const life = new Life(this.#process, maker, origin, at);
    letGo(life);
    this.#add(address, life);
    return life;
  }

  /** Undefined where nothing was known of it. */
  ended(address: number): ExecutionContext | undefined {
    const life = this.#lives.get(address);
    this.#lives.delete(address);
    return life;
  }

  /** Records are missing: no address is sure to stand for what it stood for. */
  forget(): void {
    this.#lives.clear();
  }

  #at(address: number): Life {
    let life = this.#lives.get(address);
    if (!life) {
      life = new Life(this.#process, undefined, 0, undefined);
      this.#add(address, life);
    }
    return life;
  }

  #add(address: number, life: Life): void {
    if (this.#lives.size >= LIMIT) this.#lives.clear();
    this.#lives.set(address, life);
  }
}

/** A chain of contexts that each make the next would otherwise never end. */
function letGo(life: Life): void {
  let ancestor: Life | undefined = life;
  for (let up = 0; up < KEPT_ANCESTORS && ancestor; up++) ancestor = ancestor.parent;
  if (ancestor) ancestor.parent = undefined;
}
