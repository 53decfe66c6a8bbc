import { answer, ask } from './conversation.ts';
import * as pg from './fixtures/postgres.ts';
import type { Conversation } from './suite.ts';

const OK = '00000';
const rows = (count: number) =>
  Array.from({ length: count }, (_, i) => pg.dataRow(`value ${i} of the result`));
const longText = `SELECT ${Array.from({ length: 200 }, (_, i) => `column_${i}`).join(', ')} FROM wide`;

const negotiated = 'only the answer of one byte tells what the bytes after the request are';
const fromParse = 'an Execute is known from its Parse';
const hiddenRequests = 'the gap hides whole requests';
const typeless = 'a start-up message has no type: joined on it, nothing is known of it';

export const postgresqlConversations: readonly Conversation[] = [
  {
    name: 'start-up and a query',
    steps: [
      ask(pg.startup()),
      answer(pg.authenticationOk()),
      ask(pg.password('secret')),
      answer(pg.welcome()),
      ask(pg.query('SELECT 1')),
      answer(pg.rowDescription(), pg.dataRow('1'), pg.commandComplete('SELECT 1'), pg.ready()),
      ask(pg.terminate()),
    ],
    expected: [{ operation: 'SELECT', request: 4, response: 5, status: OK }],
  },
  {
    name: 'a refused SSLRequest, and simple queries',
    steps: [
      ask(pg.sslRequest()),
      answer('N'),
      ask(pg.gssEncryptionRequest()),
      answer('N'),
      ask(pg.startup()),
      answer(pg.welcome()),
      ask(pg.query('UPDATE t SET a = 1')),
      answer(pg.commandComplete('UPDATE 1'), pg.ready()),
      ask(pg.query('SELEC')),
      answer(pg.error('42601'), pg.ready()),
      ask(pg.query('')),
      answer(pg.emptyQueryResponse(), pg.ready()),
    ],
    expected: [
      { operation: 'UPDATE', request: 6, response: 7, status: OK },
      { operation: undefined, request: 8, response: 9, status: '42601' },
      { operation: undefined, request: 10, response: 11, status: OK },
    ],
    skip: { 'one chunk': negotiated, 'responses late': negotiated },
  },
  {
    name: 'an accepted SSLRequest',
    steps: [ask(pg.sslRequest()), answer('S'), ask('\x16\x03\x01\x02\0'), answer('\x16\x03\x03\0\x7a')],
    expected: [],
    stopped: 'encrypted',
    skip: { 'joined between messages': typeless, 'joined inside a message': typeless },
  },
  {
    name: 'a cancellation',
    steps: [ask(pg.cancelRequest())],
    expected: [],
  },
  {
    name: 'several statements in one query, with everything a server may say in between',
    steps: [
      ask(pg.startup()),
      answer(pg.welcome()),
      ask(pg.query('BEGIN; SELECT a FROM t; SELECT b FROM u')),
      answer(
        pg.notice('hear'),
        pg.commandComplete('BEGIN'),
        pg.rowDescription('a'),
        pg.dataRow('1'),
        pg.commandComplete('SELECT 1'),
        pg.parameterStatus('TimeZone', 'UTC'),
        pg.notification('channel'),
        pg.error('42P01'),
        pg.ready('E'),
      ),
      answer(pg.notification('idle')),
      ask(pg.query('ROLLBACK')),
      answer(pg.commandComplete('ROLLBACK'), pg.ready()),
    ],
    expected: [
      { operation: 'BEGIN', request: 2, response: 3, status: '42P01' },
      { operation: 'ROLLBACK', request: 5, response: 6, status: OK },
    ],
    skip: { 'cut after 64': 'the gap hides the SQLSTATE of the error' },
  },
  {
    name: 'the extended protocol, as drivers write it',
    steps: [
      ask(pg.startup()),
      answer(pg.welcome()),
      ask(
        pg.parse('SELECT a FROM t WHERE b = $1', 's1'),
        pg.bind(['7'], 's1'),
        pg.describePortal(),
        pg.execute(),
        pg.sync(),
      ),
      answer(
        pg.parseComplete(),
        pg.bindComplete(),
        pg.rowDescription(),
        pg.dataRow('1'),
        pg.commandComplete('SELECT 1'),
        pg.ready(),
      ),
      ask(pg.bind(['8'], 's1'), pg.describePortal(), pg.execute(), pg.sync()),
      answer(pg.bindComplete(), pg.rowDescription(), pg.commandComplete('SELECT 0'), pg.ready()),
    ],
    expected: [
      {
        operation: 'SELECT',
        request: [2, -pg.sync().length - pg.execute().length],
        response: [3, 6],
        status: OK,
      },
      {
        operation: 'SELECT',
        request: [4, -pg.sync().length - pg.execute().length],
        response: [5, 6],
        status: OK,
      },
    ],
    joinedWithoutOperations: fromParse,
  },
  {
    name: 'pipelined executes in one batch, with a portal read in parts',
    steps: [
      ask(pg.startup()),
      answer(pg.welcome()),
      ask(pg.parse('INSERT INTO t VALUES ($1)'), pg.bind(['1']), pg.execute()),
      ask(pg.bind(['2']), pg.execute()),
      ask(pg.parse('SELECT a FROM t', 'q'), pg.bind([], 'q', 'p'), pg.execute('p', 1), pg.flush()),
      answer(pg.parseComplete(), pg.bindComplete(), pg.commandComplete('INSERT 0 1')),
      answer(pg.bindComplete(), pg.commandComplete('INSERT 0 1')),
      answer(pg.parseComplete(), pg.bindComplete(), pg.dataRow('1'), pg.portalSuspended()),
      ask(pg.execute('p', 0), pg.close('q'), pg.sync()),
      answer(pg.dataRow('2'), pg.commandComplete('SELECT 1'), pg.closeComplete(), pg.ready()),
    ],
    expected: [
      { operation: 'INSERT', request: [2, -pg.execute().length], response: 5, status: OK },
      { operation: 'INSERT', request: [3, -pg.execute().length], response: 6, status: OK },
      { operation: 'SELECT', request: [4, -pg.execute('p', 1).length - 5], response: 7, status: OK },
      { operation: 'SELECT', request: 8, response: [9, 11], status: OK },
    ],
    skip: {
      'joined between messages': 'a batch joined in its middle hides what its first results belong to',
      'joined inside a message': 'a batch joined in its middle hides what its first results belong to',
    },
  },
  {
    name: 'an error that skips the rest of a batch',
    steps: [
      ask(pg.startup()),
      answer(pg.welcome()),
      ask(
        pg.parse('SELECT 1/$1', 's'),
        pg.bind(['1'], 's'),
        pg.execute(),
        pg.bind(['0'], 's'),
        pg.execute(),
        pg.bind(['2'], 's'),
        pg.execute(),
        pg.sync(),
      ),
      answer(
        pg.parseComplete(),
        pg.bindComplete(),
        pg.dataRow('1'),
        pg.commandComplete('SELECT 1'),
        pg.bindComplete(),
        pg.error('22012'),
        pg.ready(),
      ),
      ask(pg.query('SELECT 2')),
      answer(pg.rowDescription(), pg.dataRow('2'), pg.commandComplete('SELECT 1'), pg.ready()),
    ],
    expected: [
      {
        operation: 'SELECT',
        request: [2, pg.parse('SELECT 1/$1', 's').length + pg.bind(['1'], 's').length],
        response: [3, 6 + pg.error('22012').length + 5],
        status: OK,
      },
      {
        operation: 'SELECT',
        request: [
          2,
          pg.parse('SELECT 1/$1', 's').length + 2 * pg.bind(['1'], 's').length + pg.execute().length,
        ],
        response: [3, 6],
        status: '22012',
      },
      { operation: 'SELECT', request: 4, response: 5, status: OK },
    ],
    skip: {
      'cut after 64': hiddenRequests,
      'joined inside a message': 'a batch joined in its middle hides what its first results belong to',
    },
  },
  {
    name: 'a statement that does not parse',
    steps: [
      ask(pg.startup()),
      answer(pg.welcome()),
      ask(pg.parse('SELECT FORM t'), pg.bind(), pg.describePortal(), pg.execute(), pg.sync()),
      answer(pg.error('42601'), pg.ready()),
    ],
    expected: [
      { operation: 'SELECT', request: [2, -pg.execute().length - 5], response: [3, 6], status: '42601' },
    ],
    joinedWithoutOperations: fromParse,
  },
  {
    name: 'an error while the batch is still being sent',
    steps: [
      ask(pg.startup()),
      answer(pg.welcome()),
      ask(pg.parse('SELECT nothing'), pg.flush()),
      answer(pg.error('42703')),
      ask(pg.bind(), pg.execute(), pg.sync()),
      answer(pg.ready()),
      ask(pg.query('SELECT 2')),
      answer(pg.commandComplete('SELECT 1'), pg.ready()),
    ],
    expected: [{ operation: 'SELECT', request: 6, response: 7, status: OK }],
    skip: {
      'one chunk': 'whether the Execute was skipped is known from when the error came',
      'responses late': 'whether the Execute was skipped is known from when the error came',
      'joined between messages': 'the error that skips the Execute came before',
      'joined inside a message': 'the error that skips the Execute came before',
    },
  },
  {
    name: 'a large result and a large statement',
    steps: [
      ask(pg.startup()),
      answer(pg.welcome()),
      ask(pg.query(longText)),
      answer(pg.rowDescription(), ...rows(1000), pg.commandComplete('SELECT 1000'), pg.ready()),
      ask(pg.parse(longText), pg.bind(['x'.repeat(2000)]), pg.describePortal(), pg.execute(), pg.sync()),
      answer(pg.parseComplete(), pg.bindComplete(), pg.rowDescription(), ...rows(500)),
      answer(...rows(500), pg.commandComplete('SELECT 1000'), pg.ready()),
      ask(pg.query('SELECT 1')),
      answer(pg.rowDescription(), pg.commandComplete('SELECT 0'), pg.ready()),
    ],
    expected: [
      { operation: 'SELECT', request: 2, response: 3, status: OK },
      { operation: 'SELECT', request: [4, -pg.execute().length - 5], response: [6, 6], status: OK },
      { operation: 'SELECT', request: 7, response: 8, status: OK },
    ],
    joinedWithoutOperations: fromParse,
  },
  {
    name: 'COPY in both directions, and a function call',
    steps: [
      ask(pg.startup()),
      answer(pg.welcome()),
      ask(pg.query('COPY t FROM STDIN')),
      answer(pg.copyIn()),
      ask(...Array(100).fill(pg.copyData('1\tone row of many\n'))),
      ask(pg.copyData('2\tx\n'), pg.copyDone()),
      answer(pg.commandComplete('COPY 101'), pg.ready()),
      ask(pg.query('COPY t TO STDOUT')),
      answer(
        pg.copyOut(),
        ...Array(100).fill(pg.copyData('1\tone row of many\n')),
        pg.copyDone(),
        pg.commandComplete('COPY 100'),
        pg.ready(),
      ),
      ask(pg.functionCall()),
      answer(pg.functionCallResponse(), pg.ready()),
      ask(pg.query('SELECT 1')),
      answer(pg.commandComplete('SELECT 0'), pg.ready()),
    ],
    expected: [
      { operation: 'COPY', request: 2, response: 6, status: OK },
      { operation: 'COPY', request: 7, response: 8, status: OK },
      { operation: 'SELECT', request: 11, response: 12, status: OK },
    ],
    skip: {
      'joined inside a message':
        'COPY data of one letter look like messages to whoever did not see their beginning',
    },
  },
  {
    name: 'replication',
    steps: [
      ask(pg.startup({ user: 'standby', replication: 'database' })),
      answer(pg.welcome()),
      ask(pg.query('START_REPLICATION SLOT s LOGICAL 0/0')),
      answer(pg.copyBoth()),
    ],
    expected: [],
    stopped: 'replication',
    skip: {
      'joined inside a message': 'joined behind the last request there is nothing to stop',
      'joined between messages': 'joined behind the last request there is nothing to stop',
    },
  },
];
