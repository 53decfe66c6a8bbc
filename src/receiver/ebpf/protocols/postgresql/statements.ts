import type { SqlFacts } from '../sql/sanitise.ts';

/** Statements remembered on one connection; pools and drivers keep up to a few hundred. */
const MOST_STATEMENTS = 1000;
const MOST_PORTALS = 100;

/** A map that forgets what was not used for longest. */
class Recent<V> {
  readonly #entries = new Map<string, V>();

  constructor(private readonly most: number) {}

  get(name: string): V | undefined {
    const value = this.#entries.get(name);
    if (value !== undefined) this.set(name, value);
    return value;
  }

  set(name: string, value: V): void {
    this.#entries.delete(name);
    this.#entries.set(name, value);
    if (this.#entries.size > this.most) this.#entries.delete(this.#entries.keys().next().value!);
  }

  delete(name: string): void {
    this.#entries.delete(name);
  }

  clear(): void {
    this.#entries.clear();
  }
}

/** Which statement a portal runs. The names may be empty: the unnamed statement and the unnamed portal. */
export class Statements {
  readonly #statements = new Recent<SqlFacts>(MOST_STATEMENTS);
  readonly #portals = new Recent<SqlFacts>(MOST_PORTALS);
  /** The statement parsed since the last Sync, where a gap may have hidden the Bind that uses it. */
  #justParsed: SqlFacts | undefined;

  parsed(name: string, query: SqlFacts): void {
    this.#statements.set(name, query);
    this.#justParsed = query;
  }

  bound(portal: string, statement: string): void {
    const query = this.#statements.get(statement);
    if (query) this.#portals.set(portal, query);
    else this.#portals.delete(portal);
  }

  /** What Execute runs. */
  ofPortal(portal: string): SqlFacts | undefined {
    return this.#portals.get(portal);
  }

  /** A gap hid messages: portals may have been bound anew, and the last statement parsed is what they were bound to. */
  hidden(): void {
    this.#portals.clear();
    if (this.#justParsed) this.#portals.set('', this.#justParsed);
  }

  closed(kind: 'statement' | 'portal', name: string): void {
    if (kind === 'statement') this.#statements.delete(name);
    else this.#portals.delete(name);
  }

  /** A simple Query destroys the unnamed statement and portal. */
  queried(): void {
    this.closed('statement', '');
    this.closed('portal', '');
    this.#justParsed = undefined;
  }

  synced(): void {
    this.#justParsed = undefined;
  }
}
