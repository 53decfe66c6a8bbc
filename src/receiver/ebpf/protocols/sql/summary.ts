import type { TokenKind } from './lexer.ts';

const MAX_LENGTH = 255;

/** Commands whose summary is the word and what it is about. */
const OPERATIONS = new Set(
  (
    'SELECT INSERT UPDATE DELETE MERGE CREATE ALTER DROP TRUNCATE CALL EXEC EXECUTE COPY BEGIN START COMMIT END ' +
    'ROLLBACK ABORT SAVEPOINT RELEASE SET RESET SHOW EXPLAIN VACUUM ANALYZE ANALYSE REINDEX CLUSTER LISTEN UNLISTEN NOTIFY ' +
    'DISCARD DECLARE FETCH MOVE CLOSE PREPARE DEALLOCATE REFRESH LOCK GRANT REVOKE COMMENT DO CHECKPOINT IMPORT USE'
  ).split(' '),
);

/** Operations in which FROM and INTO name tables; `COPY t FROM STDIN` or `REVOKE … FROM user` do not. */
const QUERIES = new Set('SELECT INSERT UPDATE DELETE MERGE CREATE EXPLAIN DECLARE PREPARE'.split(' '));

/** Operations whose next name is what they act upon. */
const TARGETED = new Set(
  (
    'INSERT UPDATE DELETE MERGE CREATE ALTER DROP TRUNCATE CALL EXEC EXECUTE COPY REFRESH LOCK VACUUM ANALYZE ANALYSE REINDEX ' +
    'CLUSTER'
  ).split(' '),
);

/** Kinds of things that CREATE, ALTER, DROP, TRUNCATE and REFRESH name before the target. */
const OBJECTS = new Set(
  'TABLE INDEX VIEW SCHEMA DATABASE SEQUENCE TYPE FUNCTION PROCEDURE TRIGGER EXTENSION ROLE USER'.split(' '),
);

/** Words between an operation or object and its target. */
const FILLERS = new Set(
  (
    'INTO FROM ONLY IF NOT EXISTS TEMP TEMPORARY UNLOGGED GLOBAL LOCAL MATERIALIZED UNIQUE CONCURRENTLY OR REPLACE ' +
    'RECURSIVE LATERAL'
  ).split(' '),
);

/** What ends a list of tables. */
const CLAUSES = new Set(
  (
    'WHERE GROUP ORDER HAVING LIMIT OFFSET UNION INTERSECT EXCEPT ON USING SET VALUES RETURNING WINDOW FOR FETCH AS WHEN ' +
    'INNER LEFT RIGHT FULL CROSS NATURAL DEFAULT WITH'
  ).split(' '),
);

type Expect =
  /** Nothing that the summary names. */
  | 'nothing'
  /** The object or target of an operation. */
  | 'target'
  /** A table of a FROM or JOIN. */
  | 'table';

/** What the parenthesis around the current token holds. */
interface Level {
  /** A query or statement, in which FROM names tables; in an expression (`EXTRACT(… FROM …)`) it does not. */
  readonly isQuery: boolean;
  readonly inTables: boolean;
}

/** Builds `db.query.summary`: `{operation} {target} …` in the order and the case of the query. */
export class SqlSummary {
  operation: string | undefined;
  operations = 0;
  #text = '';
  #full = false;
  #targets: string[] = [];
  #levels: Level[] = [];
  #isQuery = true;
  #inTables = false;
  #expect: Expect = 'nothing';
  #atStart = true;
  #opened = false;
  #name = '';
  #previous = '';
  #commonTables = new Set<string>();
  #inWith = false;
  #lastWord = '';

  get text(): string | undefined {
    this.#endName();
    return this.#text === '' ? undefined : this.#text;
  }

  get collection(): string | undefined {
    this.#endName();
    return this.#targets.length === 1 ? this.#targets[0] : undefined;
  }

  token(kind: TokenKind, text: string, isDot: boolean): void {
    if (this.#name !== '' && (isDot || this.#name.endsWith('.'))) {
      if (isDot || kind === 'word' || kind === 'quoted') {
        this.#name += text;
        return;
      }
    }
    // A function in FROM is no table.
    if (text === '(' && this.#expect === 'table') this.#name = '';
    this.#endName();
    if (kind === 'punctuation') this.#punctuation(text);
    else if (kind === 'word') this.#word(text);
    else if (kind === 'quoted' && this.#expect !== 'nothing') this.#name = text;
    else if (this.#expect === 'target') this.#expect = 'nothing';
    if (kind !== 'punctuation') {
      this.#atStart = false;
      this.#opened = false;
    }
  }

  #punctuation(text: string): void {
    switch (text) {
      case '(':
        this.#levels.push({ isQuery: this.#isQuery, inTables: this.#inTables });
        this.#isQuery = false;
        this.#opened = true;
        if (this.#expect === 'target') this.#expect = 'nothing';
        return;
      case ')': {
        const level = this.#levels.pop();
        this.#isQuery = level?.isQuery ?? true;
        this.#inTables = level?.inTables ?? false;
        this.#expect = 'nothing';
        break;
      }
      case ',':
        this.#expect = this.#inTables ? 'table' : 'nothing';
        break;
      case ';':
        this.#levels = [];
        this.#isQuery = true;
        this.#inTables = false;
        this.#inWith = false;
        this.#expect = 'nothing';
        this.#atStart = true;
        return;
      case '*':
        break;
      default:
        if (this.#expect === 'target') this.#expect = 'nothing';
    }
    this.#opened = false;
  }

  #word(text: string): void {
    const word = text.toUpperCase();
    const previous = this.#previous;
    this.#previous = word;
    if (this.#startsOperation(word, previous)) {
      this.#operation(text, word);
      return;
    }
    if (word === 'WITH' && (this.#atStart || this.#opened)) {
      this.#inWith = true;
      this.#isQuery = true;
      return;
    }
    // WITH name AS ( … ): a name that later FROM clauses use and no table has.
    if (this.#inWith && this.#isQuery && word === 'AS') this.#commonTables.add(this.#lastWord);
    this.#lastWord = word;
    if (this.#isQuery && (word === 'FROM' || word === 'JOIN') && previous !== 'DISTINCT') {
      this.#expect = 'table';
      this.#inTables = true;
      return;
    }
    if (word === 'INTO' && this.#isQuery) {
      this.#expect = 'target';
      return;
    }
    if (word === 'SELECT' || CLAUSES.has(word)) {
      this.#expect = 'nothing';
      this.#inTables = this.#inTables && (word === 'AS' || word === 'LATERAL');
      return;
    }
    if (this.#expect === 'nothing' || FILLERS.has(word)) return;
    if (this.#expect === 'target' && OBJECTS.has(word)) {
      this.#append(text);
      return;
    }
    this.#name = text;
  }

  #startsOperation(word: string, previous: string): boolean {
    if (!OPERATIONS.has(word)) return false;
    if (this.#atStart || this.#opened) return true;
    if (word === 'SELECT') return true;
    if (word !== 'INSERT' && word !== 'UPDATE' && word !== 'DELETE' && word !== 'MERGE') return false;
    // FOR UPDATE, ON DELETE, ON CONFLICT DO UPDATE, THEN UPDATE, GRANT UPDATE are no operations of their own.
    return (
      this.#isQuery &&
      (this.#inWith || previous === 'EXPLAIN' || previous === 'ANALYZE') &&
      previous !== 'FOR'
    );
  }

  #operation(text: string, word: string): void {
    this.operations++;
    this.operation ??= text;
    this.#append(text);
    this.#isQuery = QUERIES.has(word);
    this.#inTables = false;
    if (this.#levels.length === 0) this.#inWith = false;
    this.#expect = TARGETED.has(word) ? 'target' : 'nothing';
  }

  #endName(): void {
    if (this.#name === '') return;
    const name = this.#name;
    this.#name = '';
    this.#expect = 'nothing';
    if (this.#commonTables.has(name.toUpperCase())) return;
    if (!this.#targets.includes(name)) this.#targets.push(name);
    this.#append(name);
  }

  #append(part: string): void {
    const length = this.#text.length + part.length + (this.#text === '' ? 0 : 1);
    if (this.#full || length > MAX_LENGTH) {
      this.#full = true;
      return;
    }
    this.#text = this.#text === '' ? part : `${this.#text} ${part}`;
  }
}
