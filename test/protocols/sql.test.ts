import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyseSql } from '../../src/receiver/ebpf/protocols/sql/sanitise.ts';

const text = (sql: string) => analyseSql(sql).text;
const summary = (sql: string) => analyseSql(sql).summary;

describe('sanitised query text', () => {
  it.each([
    ["SELECT * FROM t WHERE a = 'x' AND b = 'it''s'", 'SELECT * FROM t WHERE a = ? AND b = ?'],
    ["SELECT E'a\\'b', B'01', X'ff', N'x', U&'\\0061'", 'SELECT ?, ?, ?, ?, ?'],
    ['SELECT 1, 2.5, .5, 1e-3, 0xFF, 1_000', 'SELECT ?, ?, ?, ?, ?, ?'],
    ['SELECT $$se$cret$$, $tag$a $$ b$tag$ FROM t', 'SELECT ?, ? FROM t'],
    ['SELECT a1, t2.b3 FROM "Table 4"', 'SELECT a1, t2.b3 FROM "Table 4"'],
    ['SELECT $1, ?, :name, @var, a::int', 'SELECT $1, ?, :name, @var, a::int'],
    ['SELECT a -- secret\n, b /* secret /* nested */ too */ FROM t', 'SELECT a , b FROM t'],
    ['SELECT a\n\n   FROM\tt', 'SELECT a FROM t'],
    [
      "SELECT a FROM t WHERE b IN (1, 2, 'x') AND c in ($1,$2)",
      'SELECT a FROM t WHERE b IN (?) AND c in (?)',
    ],
    ['SELECT a FROM t WHERE b IN (1)', 'SELECT a FROM t WHERE b IN (?)'],
    ['SELECT a FROM t WHERE b IN (SELECT c FROM u)', 'SELECT a FROM t WHERE b IN (SELECT c FROM u)'],
    ['UPDATE t SET a = TRUE, b = NULL', 'UPDATE t SET a = ?, b = NULL'],
    ["SELECT 'größe' AS größe", 'SELECT ? AS größe'],
  ])('of %s', (sql, expected) => {
    expect(text(sql)).toBe(expected);
  });

  it.each([
    ["SELECT * FROM t WHERE a = 'secr", 'SELECT * FROM t WHERE a = ?'],
    ['SELECT * FROM t WHERE a = $body$secr', 'SELECT * FROM t WHERE a = ?'],
    ['SELECT * FROM t WHERE a = 123', 'SELECT * FROM t WHERE a = ?'],
    ['SELECT * FROM t /* secr', 'SELECT * FROM t'],
    ['SELECT * FROM t WHERE a IN (1, 2, 3', 'SELECT * FROM t WHERE a IN (?, ?, ?'],
  ])('of the cut %s shows nothing of the literal', (sql, expected) => {
    expect(text(sql)).toBe(expected);
  });

  it('never shows a string, wherever the text is cut', () => {
    const literal = fc.constantFrom(
      "'SECRET'",
      "E'SEC\\'RET'",
      '$$SECRET$$',
      '$q$SECRET$q$',
      "'a''SECRET'",
      "X'5EC4E7'",
    );
    fc.assert(
      fc.property(fc.array(literal, { minLength: 1, maxLength: 4 }), fc.nat(200), (literals, cut) => {
        const sql = `SELECT a FROM t WHERE b = ${literals.join(' OR c = ')} -- SECRET`;
        expect(text(sql.slice(0, cut))).not.toMatch(/SEC|RET|5EC/);
      }),
    );
  });

  it('takes any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (sql) => {
        const facts = analyseSql(sql);
        expect(facts.text.length).toBeLessThanOrEqual(sql.length * 2 + 1);
        expect(facts.summary?.length ?? 0).toBeLessThanOrEqual(255);
      }),
    );
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(...'\'"`$(),;.-/*?:@ \n'.split(''), 'SELECT', 'FROM', 'IN', 'WITH', 'AS', 'a', '1'),
          {
            maxLength: 60,
          },
        ),
        (parts) => {
          analyseSql(parts.join(''));
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('query summaries', () => {
  it.each([
    ['SELECT * FROM wuser_table WHERE username = ?', 'SELECT wuser_table'],
    [
      'INSERT INTO shipping_details (order_id) SELECT order_id FROM orders',
      'INSERT shipping_details SELECT orders',
    ],
    ['SELECT * FROM songs, artists WHERE songs.artist_id == artists.id', 'SELECT songs artists'],
    [
      'SELECT a FROM (SELECT * FROM orders o JOIN customers c ON o.a = c.a)',
      'SELECT SELECT orders customers',
    ],
    ['select a.b from s.t1 as a left join "T 2" b on a.i = b.i', 'select s.t1 "T 2"'],
    ['SELECT extract(year FROM ts), trim(a FROM b) FROM t', 'SELECT t'],
    ['SELECT a FROM t WHERE a IS DISTINCT FROM b', 'SELECT t'],
    ['SELECT a FROM t FOR UPDATE', 'SELECT t'],
    ['INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 2', 'INSERT t'],
    ['WITH c AS (SELECT a FROM t) UPDATE u SET b = 1 FROM c', 'SELECT t UPDATE u'],
    ['DELETE FROM ONLY t USING u', 'DELETE t'],
    ['CREATE TABLE IF NOT EXISTS public.t (id int)', 'CREATE TABLE public.t'],
    ['DROP INDEX CONCURRENTLY i', 'DROP INDEX i'],
    ['COPY t FROM STDIN', 'COPY t'],
    ['CALL procedure(1)', 'CALL procedure'],
    ['SELECT * FROM generate_series(1, 10)', 'SELECT'],
    ['SELECT 1; SELECT b FROM c', 'SELECT SELECT c'],
    ['BEGIN', 'BEGIN'],
    ['(SELECT a FROM b) UNION (SELECT c FROM d)', 'SELECT b SELECT d'],
    ['no sql at all', undefined],
    ['', undefined],
  ])('of %s', (sql, expected) => {
    expect(summary(sql)).toBe(expected);
  });

  it('end before a name that does not fit into 255 characters', () => {
    const tables = Array.from({ length: 60 }, (_, i) => `a_table_${i}`);
    const result = summary(`SELECT * FROM ${tables.join(', ')}`)!;
    expect(result.length).toBeLessThanOrEqual(255);
    expect(tables).toContain(result.split(' ').at(-1));
  });

  it('name the operation and the table where there is one', () => {
    expect(analyseSql('SELECT a FROM t WHERE b = 1')).toMatchObject({
      operation: 'SELECT',
      single: true,
      collection: 't',
    });
    expect(analyseSql('SELECT a FROM t, u')).toMatchObject({ single: true, collection: undefined });
    expect(analyseSql('INSERT INTO t SELECT a FROM u')).toMatchObject({
      single: false,
      collection: undefined,
    });
  });
});
