import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recognise } from '../../src/receiver/ebpf/protocols/registry.ts';
import { join, type Step } from './conversation.ts';
import { request, response } from './fixtures/http.ts';
import * as pg from './fixtures/postgres.ts';
import * as redis from './fixtures/redis.ts';
import { httpConversations } from './http.conversations.ts';
import { postgresqlConversations } from './postgresql.conversations.ts';
import { redisConversations } from './redis.conversations.ts';

const found = (
  data: string | Uint8Array,
  from: Parameters<typeof recognise>[1] = 'unknown',
  joined = false,
) => {
  const recognition = recognise(join([data]), from, joined);
  if (recognition.kind === 'protocol') return `${recognition.protocol.name} ${recognition.speaker}`;
  return recognition.kind === 'ignored' ? recognition.reason : recognition.kind;
};

const CLIENT_HELLO = Uint8Array.of(22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3);

describe('recognition', () => {
  it.each([
    ['http requester', request('GET', '/')],
    ['http requester', request('PROPFIND', '/')],
    ['postgresql requester', pg.startup()],
    ['postgresql requester', pg.sslRequest()],
    ['postgresql requester', pg.gssEncryptionRequest()],
    ['postgresql requester', pg.cancelRequest()],
    ['redis requester', redis.command('HELLO', '3')],
    ['redis requester', redis.command('get', 'key')],
    ['encrypted', CLIENT_HELLO],
    ['http2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04'],
    ['none', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['none', Uint8Array.of(200, 1, 2, 3, 4, 5, 6, 7)],
  ])('finds %s at the beginning of a connection', (expected, data) => {
    expect(found(data)).toBe(expected);
    const bytes = join([data]);
    for (let length = 1; length < bytes.length; length++)
      expect(['more', expected], `${length} bytes`).toContain(found(bytes.subarray(0, length)));
  });

  it.each([
    ['http responder', response(200, 'hello')],
    ['postgresql requester', pg.query('SELECT 1')],
    ['postgresql requester', join([pg.bind(['1'], 's'), pg.execute(), pg.sync()])],
    ['postgresql requester', pg.query(`SELECT ${'a, '.repeat(300)}`).subarray(0, 512)],
    [
      'postgresql responder',
      join([pg.rowDescription(), pg.dataRow('1'), pg.commandComplete('SELECT 1'), pg.ready()]),
    ],
    [
      'postgresql responder',
      join([pg.parseComplete(), pg.bindComplete(), pg.commandComplete('SELECT 1'), pg.ready()]),
    ],
    ['redis responder', redis.ok()],
    ['redis responder', redis.bulk('value')],
    ['redis responder', redis.array(redis.bulk('some'), redis.bulk('thing'))],
    ['redis requester', redis.command('SET', 'key', 'value')],
    ['encrypted', Uint8Array.of(23, 3, 3, 0, 40, 1, 2, 3)],
  ])('finds %s on a connection joined in the middle', (expected, data) => {
    expect(found(data, 'unknown', true)).toBe(expected);
  });

  it('waits for another call where both ends of PostgreSQL could have spoken', () => {
    expect(found(pg.commandComplete('SELECT 1'), 'unknown', true)).toBe('none');
    expect(found(pg.commandComplete('SELECT 1'), 'responder', true)).toBe('postgresql responder');
  });

  it('never takes one protocol for another', () => {
    const all: [string, readonly { readonly steps: readonly Step[] }[]][] = [
      ['http', httpConversations],
      ['postgresql', postgresqlConversations],
      ['redis', redisConversations],
    ];
    for (const [name, conversations] of all)
      for (const { steps } of conversations)
        for (const { from, data } of steps)
          for (const joined of [false, true])
            for (const speaker of [from, 'unknown'] as const) {
              const recognition = recognise(data, speaker, joined);
              if (recognition.kind !== 'protocol') continue;
              expect(recognition.protocol.name, Buffer.from(data.subarray(0, 40)).toString('latin1')).toBe(
                name,
              );
              expect(recognition.speaker).toBe(from);
            }
  });

  it('answers on any bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 100 }),
        fc.constantFrom('requester' as const, 'responder' as const, 'unknown' as const),
        fc.boolean(),
        (data, from, joined) => {
          expect(recognise(data, from, joined)).toHaveProperty('kind');
        },
      ),
    );
  });
});
