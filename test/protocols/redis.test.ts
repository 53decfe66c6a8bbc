import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RedisRequest } from '../../src/receiver/ebpf/protocols/redis/facts.ts';
import { redis as protocol } from '../../src/receiver/ebpf/protocols/redis.ts';
import { answer, ask, join, place, type Step, Wire } from './conversation.ts';
import { exchangeOf, spanOf } from './describe.ts';
import * as redis from './fixtures/redis.ts';

interface Oracle {
  execute(data: Buffer): void;
}
/** redis-parser brings no types. */
const RedisOracle: new (callbacks: { returnReply(): void; returnError(error: Error): void }) => Oracle =
  createRequire(import.meta.url)('redis-parser');

function run(steps: readonly Step[], options: { joined?: boolean; cut?: number } = {}): Wire {
  const wire = new Wire(protocol, options.joined);
  for (const step of place(steps)) {
    if (options.cut === undefined) wire.step(step);
    else wire.cutStep(step, options.cut);
  }
  wire.close();
  return wire;
}

const facts = (wire: Wire) => wire.sink.exchanges.map(({ request }) => request as RedisRequest);

describe('what a command says', () => {
  it.each([
    [['SET', 'user:1', 'secret', 'EX', '5'], 'SET user:1 ? ? ?'],
    [['HMSET', 'hash', 'field', 'secret'], 'HMSET hash ? ?'],
    [['mget', 'a', 'b'], 'mget a b'],
    [['PING', 'secret'], 'PING ?'],
    [['EVAL', 'return secret', '1', 'key'], 'EVAL ? ? ?'],
    [['CONFIG', 'SET', 'requirepass', 'secret'], 'CONFIG SET ? ?'],
    [['RPUSH', 'list', ...Array(40).fill('secret')], `RPUSH list${' ?'.repeat(15)} ...`],
  ])('%j', (args, text) => {
    expect(facts(run([ask(redis.command(...args)), answer(redis.ok())]))[0]!.text).toBe(text);
  });

  it('follows SELECT, unless the server refused it', () => {
    const wire = run([
      ask(redis.command('GET', 'k')),
      answer(redis.bulk(null)),
      ask(redis.command('SELECT', '2')),
      answer(redis.ok()),
      ask(redis.command('GET', 'k')),
      answer(redis.bulk(null)),
      ask(redis.command('SELECT', '99')),
      answer(redis.error('ERR DB index is out of range')),
      ask(redis.command('GET', 'k')),
      answer(redis.bulk(null)),
    ]);
    expect(facts(wire).map(({ database }) => database)).toEqual(['0', '2', '2']);
    const joined = run([ask(redis.command('GET', 'k')), answer(redis.ok())], { joined: true });
    expect(facts(joined)[0]!.database).toBeUndefined();
  });

  it('keeps name and key of a command whose value a gap hides', () => {
    const wire = run([ask(redis.command('SET', 'key', 'v'.repeat(9000))), answer(redis.ok())], { cut: 64 });
    expect(facts(wire)[0]).toMatchObject({ operation: 'SET', text: 'SET key ?' });
  });
});

describe('pairing', () => {
  it('gives a reply that was reported before its command to that command', () => {
    const wire = run([
      answer(redis.error('ERR first')),
      ask(redis.command('GET', '1')),
      ask(redis.command('GET', '2')),
      answer(redis.ok()),
    ]);
    expect(wire.sink.exchanges.map(({ response }) => response?.status)).toEqual(['ERR', 'OK']);
  });

  it('ends a reply whose structure a gap hides where the client speaks again', () => {
    const wire = run(
      [
        ask(redis.command('HGETALL', 'h')),
        answer(redis.array(...Array(500).fill(redis.bulk('some value')))),
        ask(redis.command('GET', 'k')),
        answer(redis.error('ERR no')),
      ],
      { cut: 64 },
    );
    const length = join([redis.array(...Array(500).fill(redis.bulk('some value')))]).length;
    expect(wire.sink.exchanges).toMatchObject([
      { outcome: 'ended', end: length, response: undefined },
      { outcome: 'ended', response: { status: 'ERR' } },
    ]);
  });

  it('starts again with the next turn after a pipeline with hidden commands', () => {
    const wire = run(
      [
        ask(...Array(100).fill(redis.command('INCR', 'counter'))),
        answer(...Array(99).fill(redis.integer(1)), redis.error('ERR last')),
        ask(redis.command('GET', 'k')),
        answer(redis.ok()),
      ],
      { cut: 512 },
    );
    const seen = wire.sink.exchanges;
    expect(seen.at(-1)).toMatchObject({
      request: { operation: 'GET' },
      response: { status: 'OK' },
      outcome: 'ended',
    });
    expect(seen.at(-2)).toMatchObject({ response: { status: 'ERR' }, outcome: 'ended' });
    for (const { response, outcome } of seen.slice(0, -2)) {
      expect(outcome).not.toBe('open');
      if (outcome === 'ended') expect(response?.status).toBe('OK');
    }
  });

  it('stops where a client that does not wait for replies hid commands', () => {
    const wire = new Wire(protocol);
    const one = join([redis.command('GET', '1')]);
    const two = join([redis.command('GET', '2')]);
    wire.bytes('requester', one, 0);
    wire.bytes('requester', two, one.length);
    wire.bytes('responder', join([redis.ok()]), 0);
    wire.bytes('requester', one, one.length + two.length);
    wire.gap('requester', 500, 2 * one.length + two.length);
    expect(wire.sink.stopped).toBe('unparseable');
  });

  it('stops where replies are switched off', () => {
    const wire = run([ask(redis.command('CLIENT', 'REPLY', 'OFF'))]);
    expect(wire.sink.stopped).toBe('unparseable');
  });

  it('holds a bounded number of commands', () => {
    const wire = new Wire(protocol);
    const data = join([redis.command('INCR', 'counter')]);
    for (let i = 0; i < 20_000; i++) wire.bytes('requester', data, i * data.length);
    expect(wire.sink.exchanges.filter(({ outcome }) => outcome === 'open').length).toBeLessThanOrEqual(
      16_384,
    );
    const reply = join([redis.integer(1)]);
    for (let i = 0; i < 20_000; i++) wire.bytes('responder', reply, i * reply.length);
    expect(wire.sink.exchanges.filter(({ outcome }) => outcome === 'open')).toHaveLength(0);
    wire.bytes('requester', data, 20_000 * data.length);
    wire.bytes('responder', reply, 20_000 * reply.length);
    expect(wire.sink.exchanges.at(-1)?.outcome).toBe('ended');
  });
});

describe('against redis-parser', () => {
  const leaf = fc.oneof(
    fc.string({ maxLength: 20 }).map((text) => redis.bulk(text)),
    fc.integer().map(redis.integer),
    fc.constantFrom(redis.ok(), redis.bulk(null), redis.nullArray()),
    fc.constantFrom('ERR x', 'WRONGTYPE y').map(redis.error),
  );
  const { value } = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie('value'), { maxLength: 4 }).map((items) => redis.array(...items)),
    ),
  }));

  it('reads as many replies and the same errors, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 30 }),
        (values, size) => {
          const oracle: string[] = [];
          const parser = new RedisOracle({
            returnReply: () => oracle.push('OK'),
            returnError: (error: Error) => oracle.push(error.message.split(' ')[0]!),
          });
          parser.execute(Buffer.from(values.join('')));

          const wire = new Wire(protocol);
          wire.bytes('requester', join(values.map(() => redis.command('GET', 'k'))), 0);
          const stream = join(values);
          for (let at = 0; at < stream.length; at += size)
            wire.bytes('responder', stream.subarray(at, at + size), at);
          expect(wire.sink.exchanges.map(({ response }) => response?.status)).toEqual(oracle);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('Redis spans', () => {
  it('are named by the command', () => {
    const { sink } = run([ask(redis.command('HGET', 'key', 'field')), answer(redis.bulk('value'))]);
    expect(spanOf(protocol, exchangeOf(protocol, sink.exchanges[0]!, 'client'))).toEqual({
      name: 'HGET',
      error: false,
      attributes: {
        'db.system.name': 'redis',
        'db.operation.name': 'HGET',
        'db.query.text': 'HGET key ?',
        'db.namespace': '0',
        'server.address': '10.0.0.2',
        'server.port': 8000,
      },
    });
  });

  it('carry the prefix of an error', () => {
    const { sink } = run([
      ask(redis.command('GET', 'key')),
      answer(redis.error('MOVED 3999 127.0.0.1:6381')),
    ]);
    const span = spanOf(protocol, exchangeOf(protocol, sink.exchanges[0]!, 'client'));
    expect(span.error).toBe(true);
    expect(span.attributes).toMatchObject({ 'db.response.status_code': 'MOVED', 'error.type': 'MOVED' });
  });
});
