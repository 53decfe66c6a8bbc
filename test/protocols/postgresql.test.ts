import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { parse as parseBackend } from 'pg-protocol';
import { describe, expect, it } from 'vitest';
import type { PostgresRequest } from '../../src/receiver/ebpf/protocols/postgresql/facts.ts';
import { postgresql } from '../../src/receiver/ebpf/protocols/postgresql.ts';
import { answer, ask, join, place, type Step, Wire } from './conversation.ts';
import { exchangeOf, spanOf } from './describe.ts';
import * as pg from './fixtures/postgres.ts';

const opening = [ask(pg.startup()), answer(pg.welcome())];

function run(steps: readonly Step[], options: { joined?: boolean; cut?: number } = {}): Wire {
  const wire = new Wire(postgresql, options.joined);
  for (const step of place(steps)) {
    if (options.cut === undefined) wire.step(step);
    else wire.cutStep(step, options.cut);
  }
  wire.close();
  return wire;
}

const texts = (wire: Wire) =>
  wire.sink.exchanges.map(({ request }) => (request as PostgresRequest).query?.text);
const done = answer(pg.bindComplete(), pg.commandComplete('SELECT 0'), pg.ready());

describe('a connection that may be older than the capture', () => {
  it('is read from its start where that is there', () => {
    const wire = run(
      [...opening, ask(pg.query('SELECT 1')), answer(pg.commandComplete('SELECT 1'), pg.ready())],
      {
        joined: true,
      },
    );
    expect(texts(wire)).toEqual(['SELECT ?']);
    expect(wire.sink.exchanges[0]!.request).toMatchObject({ database: 'goods' });
  });
});

describe('statements', () => {
  it('are remembered by name, through portals, until they are closed', () => {
    const wire = run([
      ...opening,
      ask(pg.parse('SELECT a FROM t', 'a'), pg.parse('SELECT b FROM t', 'b'), pg.sync()),
      answer(pg.parseComplete(), pg.parseComplete(), pg.ready()),
      ask(pg.bind([], 'b'), pg.execute(), pg.sync()),
      done,
      ask(pg.bind([], 'a', 'portal'), pg.execute('portal'), pg.close('b'), pg.sync()),
      answer(pg.bindComplete(), pg.commandComplete('SELECT 0'), pg.closeComplete(), pg.ready()),
      ask(pg.bind([], 'b'), pg.execute(), pg.sync()),
      answer(pg.error('26000'), pg.ready()),
    ]);
    expect(texts(wire)).toEqual(['SELECT b FROM t', 'SELECT a FROM t', undefined]);
  });

  it('are bounded in number: the one not used for longest is forgotten', () => {
    const many = Array.from({ length: 1500 }, (_, i) => pg.parse(`SELECT ${i}`, `s${i}`));
    const wire = run([
      ...opening,
      ask(...many, pg.sync()),
      answer(...many.map(() => pg.parseComplete()), pg.ready()),
      ask(pg.bind([], 's0'), pg.execute(), pg.bind([], 's1499'), pg.execute(), pg.sync()),
      answer(
        pg.bindComplete(),
        pg.commandComplete('S'),
        pg.bindComplete(),
        pg.commandComplete('S'),
        pg.ready(),
      ),
    ]);
    expect(texts(wire)).toEqual([undefined, 'SELECT ?']);
  });

  it('are known in part where a gap cut them, never more than was seen', () => {
    const sql = `SELECT a FROM t WHERE b = 'secret' AND ${'c = 1 AND '.repeat(200)} d = 2`;
    const [query] = texts(
      run([...opening, ask(pg.query(sql)), answer(pg.commandComplete('SELECT 0'), pg.ready())], { cut: 64 }),
    );
    expect(query).toMatch(/^SELECT a FROM t WHERE b = \?/);
    expect(query!.length).toBeLessThan(80);
    const wire = run([...opening, ask(pg.parse(sql), pg.bind(), pg.execute(), pg.sync()), done], { cut: 64 });
    expect(texts(wire)).toEqual([expect.stringMatching(/^SELECT a FROM t WHERE b = \?/)]);
  });

  it('belong to their own Bind after a gap, or to none', () => {
    const wire = run(
      [
        ...opening,
        ask(pg.parse('SELECT a FROM t'), pg.bind(), pg.execute(), pg.sync()),
        done,
        ask(
          pg.close('x'.repeat(40)),
          pg.close('y'.repeat(40)),
          pg.bind(['z'.repeat(100)], 'named'),
          pg.execute(),
          pg.sync(),
        ),
        answer(
          pg.closeComplete(),
          pg.closeComplete(),
          pg.bindComplete(),
          pg.commandComplete('SELECT 0'),
          pg.ready(),
        ),
      ],
      { cut: 64 },
    );
    expect(texts(wire)).toEqual(['SELECT a FROM t', undefined]);
  });
});

describe('gaps', () => {
  it('in a batch leave only what is certain', () => {
    const executes = Array.from({ length: 100 }, (_, i) => [pg.bind([String(i)]), pg.execute()]).flat();
    const completes = Array.from({ length: 100 }, () => [
      pg.bindComplete(),
      pg.commandComplete('INSERT 0 1'),
    ]).flat();
    const wire = run(
      [
        ...opening,
        ask(pg.parse('INSERT INTO t VALUES ($1)'), ...executes, pg.sync()),
        answer(pg.parseComplete(), ...completes, pg.ready()),
        ask(pg.query('SELECT 1')),
        answer(pg.commandComplete('SELECT 1'), pg.ready()),
      ],
      { cut: 512 },
    );
    const outcomes = wire.sink.exchanges.map(({ outcome }) => outcome);
    expect(outcomes[0]).toBe('ended');
    expect(outcomes.slice(-2)).toEqual(['ended', 'ended']);
    expect(wire.sink.exchanges.at(-1)).toMatchObject({
      request: { operation: 'SELECT' },
      response: { status: '00000' },
    });
  });

  it('never shift results when whole calls were lost', () => {
    const wire = new Wire(postgresql);
    const steps = place([
      ...opening,
      ask(pg.query('SELECT 1')),
      answer(pg.commandComplete('SELECT 1'), pg.ready()),
      ask(pg.query('SELECT 2')),
      answer(pg.error('42601'), pg.ready()),
      ask(pg.query('SELECT 3')),
      answer(pg.commandComplete('SELECT 1'), pg.ready()),
    ]);
    for (const [i, step] of steps.entries()) {
      if (i >= 3 && i <= 5) wire.gap(step.from, step.data.length, step.offset);
      else wire.step(step);
    }
    expect(wire.sink.exchanges.map(({ response, outcome }) => [response?.status, outcome])).toEqual([
      [undefined, 'lost'],
      ['00000', 'ended'],
    ]);
  });

  it('stop a connection on which several answers were owed', () => {
    const wire = new Wire(postgresql);
    const steps = place([
      ...opening,
      ask(pg.query('SELECT 1'), pg.query('SELECT 2')),
      answer(...Array(100).fill(pg.dataRow('a row')), pg.commandComplete('SELECT 100'), pg.ready()),
    ]);
    for (const step of steps) wire.cutStep(step, 64);
    expect(wire.sink.stopped).toBe('unparseable');
  });

  it('leave pending requests bounded', () => {
    const wire = new Wire(postgresql);
    const [start, welcome] = place(opening);
    wire.step(start!);
    wire.step(welcome!);
    const batch = join([pg.bind(), pg.execute()]);
    for (let i = 0; i < 6000; i++) wire.bytes('requester', batch, start!.data.length + i * batch.length);
    expect(wire.sink.exchanges.filter(({ outcome }) => outcome === 'open')).toHaveLength(4096);
    const complete = join([pg.bindComplete(), pg.commandComplete('SELECT 0')]);
    for (let i = 0; i < 6000; i++)
      wire.bytes('responder', complete, welcome!.data.length + i * complete.length);
    expect(wire.sink.exchanges.filter(({ outcome }) => outcome === 'open')).toHaveLength(0);
  });
});

describe('against pg-protocol', () => {
  it('completes as many commands as its parser reads, however the stream is cut', async () => {
    const reply = fc.oneof(
      fc.constant([pg.rowDescription(), pg.dataRow('1'), pg.dataRow('two'), pg.commandComplete('SELECT 2')]),
      fc.constant([pg.commandComplete('UPDATE 1')]),
      fc.constant([pg.emptyQueryResponse()]),
      fc.constantFrom('42601', '23505').map((code) => [pg.notice('before'), pg.error(code)]),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(reply, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 40 }),
        async (replies, size) => {
          const stream = join([pg.welcome(), ...replies.flatMap((parts) => [...parts, pg.ready()])]);
          const oracle: (string | undefined)[] = [];
          let last: string | undefined;
          let greeted = false;
          const source = new PassThrough();
          const parsed = parseBackend(source, (message) => {
            if (message.name === 'error') last = 'code' in message ? String(message.code) : undefined;
            else if (message.name === 'commandComplete' || message.name === 'emptyQuery') last = '00000';
            else if (message.name === 'readyForQuery') {
              if (greeted) oracle.push(last);
              greeted = true;
            }
          });
          source.end(Buffer.from(stream));
          await parsed;

          const wire = new Wire(postgresql);
          const asked = join([pg.startup(), ...replies.map(() => pg.query('SELECT 1'))]);
          wire.bytes('requester', asked, 0);
          for (let at = 0; at < stream.length; at += size)
            wire.bytes('responder', stream.subarray(at, at + size), at);
          expect(wire.sink.exchanges.map(({ response }) => response?.status)).toEqual(oracle);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('PostgreSQL spans', () => {
  const spanOfQuery = (sql: string, ...reply: Uint8Array[]) => {
    const { sink } = run([...opening, ask(pg.query(sql)), answer(...reply, pg.ready())]);
    return spanOf(postgresql, exchangeOf(postgresql, sink.exchanges[0]!, 'client'));
  };

  it('are named by the summary of the query', () => {
    expect(spanOfQuery("SELECT a FROM items WHERE b = 'secret'", pg.commandComplete('SELECT 0'))).toEqual({
      name: 'SELECT items',
      error: false,
      attributes: {
        'db.system.name': 'postgresql',
        'db.namespace': 'goods',
        'db.query.text': 'SELECT a FROM items WHERE b = ?',
        'db.query.summary': 'SELECT items',
        'db.operation.name': 'SELECT',
        'db.collection.name': 'items',
        'server.address': '10.0.0.2',
        'server.port': 8000,
      },
    });
  });

  it('carry the SQLSTATE of an error', () => {
    const span = spanOfQuery('INSERT INTO items VALUES (1)', pg.error('23505'));
    expect(span.error).toBe(true);
    expect(span.attributes).toMatchObject({ 'db.response.status_code': '23505', 'error.type': '23505' });
  });

  it('are named by the database where the statement is not known', () => {
    const { sink } = run([...opening, ask(pg.bind([], 'unknown'), pg.execute(), pg.sync()), done]);
    const span = spanOf(postgresql, exchangeOf(postgresql, sink.exchanges[0]!, 'client'));
    expect(span.name).toBe('goods');
    expect(span.attributes).not.toHaveProperty('db.query.text');
  });

  it('are named by the server on connections joined in the middle', () => {
    const { sink } = run([ask(pg.bind([], 'unknown'), pg.execute(), pg.sync()), done], { joined: true });
    expect(spanOf(postgresql, exchangeOf(postgresql, sink.exchanges[0]!, 'client')).name).toBe(
      '10.0.0.2:8000',
    );
  });
});
