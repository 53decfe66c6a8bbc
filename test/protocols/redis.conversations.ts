import { answer, ask } from './conversation.ts';
import * as redis from './fixtures/redis.ts';
import type { Conversation } from './suite.ts';

const OK = 'OK';
const big = 'v'.repeat(5000);
const hidden = 'the gap hides whole commands: which reply answers which is unknown';
const joinedPipeline = 'how many commands wait for their reply is not known';

export const redisConversations: readonly Conversation[] = [
  {
    name: 'commands and replies',
    steps: [
      ask(redis.command('SET', 'key', 'value')),
      answer(redis.ok()),
      ask(redis.command('get', 'key')),
      answer(redis.bulk('value')),
      ask(redis.command('INCR', 'key')),
      answer(redis.error('WRONGTYPE Operation against a key holding the wrong kind of value')),
      ask(redis.command('LRANGE', 'list', '0', '-1')),
      answer(redis.array(redis.bulk('a'), redis.bulk(null), redis.array(redis.integer(1), redis.bulk('')))),
      ask(redis.command('BLPOP', 'list', '1')),
      answer(redis.nullArray()),
    ],
    expected: [
      { operation: 'SET', request: 0, response: 1, status: OK },
      { operation: 'GET', request: 2, response: 3, status: OK },
      { operation: 'INCR', request: 4, response: 5, status: 'WRONGTYPE' },
      { operation: 'LRANGE', request: 6, response: 7, status: OK },
      { operation: 'BLPOP', request: 8, response: 9, status: OK },
    ],
  },
  {
    name: 'connection set-up, and a database',
    steps: [
      ask(redis.command('AUTH', 'user', 'secret')),
      answer(redis.ok()),
      ask(redis.command('CLIENT', 'SETINFO', 'LIB-NAME', 'driver'), redis.command('SELECT', '3')),
      answer(redis.ok(), redis.ok()),
      ask(redis.command('CONFIG', 'GET', 'maxmemory')),
      answer(redis.array(redis.bulk('maxmemory'), redis.bulk('0'))),
    ],
    expected: [{ operation: 'CONFIG GET', request: 4, response: 5, status: OK }],
    skip: { 'joined inside a message': joinedPipeline },
  },
  {
    name: 'a pipeline and a transaction',
    steps: [
      ask(redis.command('SET', 'a', '1'), redis.command('SET', 'b', '2')),
      answer(redis.ok(), redis.error('ERR out of memory')),
      ask(redis.command('MULTI')),
      answer(redis.ok()),
      ask(redis.command('INCR', 'a')),
      answer(redis.simple('QUEUED')),
      ask(redis.command('EXEC')),
      answer(redis.array(redis.integer(2), redis.error('ERR inside'))),
    ],
    expected: [
      { operation: 'SET', request: 0, response: [1, redis.error('ERR out of memory').length], status: OK },
      { operation: 'SET', request: [0, redis.command('SET', 'a', '1').length], response: 1, status: 'ERR' },
      { operation: 'MULTI', request: 2, response: 3, status: OK },
      { operation: 'INCR', request: 4, response: 5, status: OK },
      { operation: 'EXEC', request: 6, response: 7, status: OK },
    ],
    skip: {
      'joined inside a message': joinedPipeline,
    },
  },
  {
    name: 'large values',
    steps: [
      ask(redis.command('SET', 'key', big)),
      answer(redis.ok()),
      ask(redis.command('GET', 'key')),
      answer(redis.bulk(big)),
      ask(redis.command('APPEND', 'key', big).slice(0, 3000)),
      ask(redis.command('APPEND', 'key', big).slice(3000)),
      answer(redis.integer(10_000)),
    ],
    expected: [
      { operation: 'SET', request: 0, response: 1, status: OK },
      { operation: 'GET', request: 2, response: 3, status: OK },
      { operation: 'APPEND', request: 4, response: 6, status: OK },
    ],
  },
  {
    name: 'a reply of many small values',
    steps: [
      ask(redis.command('HGETALL', 'key')),
      answer(redis.array(...Array(200).fill(redis.bulk('some value')))),
      ask(redis.command('GET', 'key')),
      answer(redis.bulk('value')),
    ],
    expected: [
      { operation: 'HGETALL', request: 0, response: 1, status: OK },
      { operation: 'GET', request: 2, response: 3, status: OK },
    ],
    skip: {
      'cut after 64': 'the outcome of a reply whose structure is in the gap is unknown, its end is known',
      'cut after 512': 'the outcome of a reply whose structure is in the gap is unknown, its end is known',
    },
  },
  {
    name: 'RESP3 and everything in it',
    steps: [
      ask(redis.command('HELLO', '3')),
      answer(redis.map([redis.bulk('server'), redis.bulk('redis')], [redis.bulk('proto'), redis.integer(3)])),
      ask(redis.command('SUBSCRIBE', 'news')),
      answer(redis.push(redis.bulk('subscribe'), redis.bulk('news'), redis.integer(1))),
      ask(redis.command('HGETALL', 'h')),
      answer(
        redis.push(redis.bulk('message'), redis.bulk('news'), redis.bulk('hello')),
        redis.attribute([redis.simple('ttl'), redis.array(redis.integer(1), redis.integer(2))]),
        redis.map(
          [redis.bulk('a'), redis.set(redis.double('1.5'), redis.boolean(true))],
          [redis.nil(), redis.nil()],
        ),
      ),
      ask(redis.command('GET', 'k')),
      answer(redis.verbatim('text')),
      ask(redis.command('GET', 'k')),
      answer(redis.bulkError('SYNTAX invalid')),
      answer(redis.push(redis.bulk('message'), redis.bulk('news'), redis.bulk('again'))),
      ask(redis.command('GET', 'k')),
      answer(redis.streamedString('some', 'text')),
      ask(redis.command('LRANGE', 'k', '0', '1')),
      answer(
        redis.streamedArray(
          redis.integer(1),
          redis.streamedArray(),
          redis.bigNumber('123456789012345678901'),
        ),
      ),
      ask(redis.command('GET', 'k')),
      answer(redis.nil()),
    ],
    expected: [
      { operation: 'HGETALL', request: 4, response: 5, status: OK },
      { operation: 'GET', request: 6, response: 7, status: OK },
      { operation: 'GET', request: 8, response: 9, status: 'SYNTAX' },
      { operation: 'GET', request: 11, response: 12, status: OK },
      { operation: 'LRANGE', request: 13, response: 14, status: OK },
      { operation: 'GET', request: 15, response: 16, status: OK },
    ],
    skip: {
      'cut after 64': 'the outcome of a reply whose structure is in the gap is unknown, its end is known',
    },
  },
  {
    name: 'a RESP2 subscription',
    steps: [
      ask(redis.command('GET', 'k')),
      answer(redis.bulk('v')),
      ask(redis.command('SUBSCRIBE', 'news')),
      answer(redis.array(redis.bulk('subscribe'), redis.bulk('news'), redis.integer(1))),
      answer(redis.array(redis.bulk('message'), redis.bulk('news'), redis.bulk('hello'))),
    ],
    expected: [{ operation: 'GET', request: 0, response: 1, status: OK }],
    stopped: 'subscription',
  },
  {
    name: 'MONITOR',
    steps: [ask(redis.command('MONITOR')), answer(redis.ok()), answer(redis.simple('1 [0 lua] "get" "x"'))],
    expected: [],
    stopped: 'subscription',
  },
  {
    name: 'replication',
    steps: [
      ask(redis.command('PING')),
      answer(redis.simple('PONG')),
      ask(redis.command('REPLCONF', 'listening-port', '6380')),
      answer(redis.ok()),
      ask(redis.command('PSYNC', '?', '-1')),
      answer(redis.simple('FULLRESYNC abc 0')),
    ],
    expected: [{ operation: 'PING', request: 0, response: 1, status: OK }],
    stopped: 'replication',
  },
  {
    name: 'commands written by hand',
    steps: [
      ask(redis.inline('PING')),
      answer(redis.simple('PONG')),
      ask(redis.inline('')),
      ask(redis.inline('set  key value')),
      answer(redis.ok()),
    ],
    expected: [
      { operation: 'PING', request: 0, response: 1, status: OK },
      { operation: 'SET', request: 3, response: 4, status: OK },
    ],
    skip: {
      'joined between messages': 'a line is no proof of Redis to whoever joins in the middle',
      'joined inside a message': 'a line is no proof of Redis to whoever joins in the middle',
    },
  },
  {
    name: 'a long pipeline',
    steps: [
      ask(...Array(50).fill(redis.command('INCR', 'counter'))),
      answer(...Array(50).fill(redis.integer(7))),
      ask(redis.command('GET', 'counter')),
      answer(redis.bulk('50')),
    ],
    expected: [
      ...Array.from({ length: 50 }, (_, i) => ({
        operation: 'INCR',
        request: [0, i * redis.command('INCR', 'counter').length] as const,
        response: [1, (49 - i) * redis.integer(7).length] as const,
        status: OK,
      })),
      { operation: 'GET', request: 2, response: 3, status: OK },
    ],
    skip: { 'cut after 64': hidden, 'cut after 512': hidden, 'joined inside a message': joinedPipeline },
  },
  {
    name: 'a client that does not wait',
    steps: [
      ask(redis.command('GET', 'a')),
      ask(redis.command('GET', 'b')),
      answer(redis.bulk('1')),
      ask(redis.command('GET', 'c')),
      answer(redis.bulk(null)),
      answer(redis.error('MOVED 1 10.0.0.1:6379')),
    ],
    expected: [
      { operation: 'GET', request: 0, response: 2, status: OK },
      { operation: 'GET', request: 1, response: 4, status: OK },
      { operation: 'GET', request: 3, response: 5, status: 'MOVED' },
    ],
    skip: { 'joined between messages': joinedPipeline, 'joined inside a message': joinedPipeline },
  },
];
