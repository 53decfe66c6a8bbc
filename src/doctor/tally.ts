import { Examples } from './examples.ts';

/** Rows kept of one thing; what comes beyond is counted in one row. */
const MAX_ROWS = 1000;
const REST = '(others)';

/** Counts by a key of several names, in bounded memory. */
export class Tally<Counts extends Record<string, number>> {
  readonly #rows = new Map<string, TallyRow<Counts>>();
  readonly #zero: () => Counts;

  constructor(zero: () => Counts) {
    this.#zero = zero;
  }

  /** The row of these names, made at zero when first asked for. */
  row(...names: readonly string[]): TallyRow<Counts> {
    const known = this.#rows.get(names.join('\0'));
    if (known) return known;
    const kept = this.#rows.size < MAX_ROWS ? names : names.map(() => REST);
    const key = kept.join('\0');
    let row = this.#rows.get(key);
    if (!row) {
      row = { names: kept, counts: this.#zero(), examples: new Examples() };
      this.#rows.set(key, row);
    }
    return row;
  }

  rows(): readonly TallyRow<Counts>[] {
    return [...this.#rows.values()];
  }
}

export interface TallyRow<Counts> {
  readonly names: readonly string[];
  readonly counts: Counts;
  readonly examples: Examples;
}
