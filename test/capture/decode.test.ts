import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SpanloomError } from '../../src/error.ts';
import { Decoder } from '../../src/receiver/ebpf/capture/decode.ts';
import type { CaptureEvent, ConnectionEvent, Message } from '../../src/receiver/ebpf/message.ts';
import {
  connection,
  context,
  fork,
  listen,
  mapped,
  message,
  processRecord,
  retransmit,
  SOCKET_FIELDS,
  TASK_FIELDS,
  threadStart,
  unixAlive,
  unixSwept,
  wake,
} from './support/records.ts';

function decode(records: Uint8Array, shift = 0): CaptureEvent[] {
  const bytes = new Uint8Array(records);
  const events: CaptureEvent[] = [];
  new Decoder(bytes).decode(0, bytes.length, shift, (event) => events.push(event));
  return events;
}

const NO_ADDRESS = [new Uint8Array(16), 0] as const;

const TASK = { pid: 7, tid: 9, processStart: 1_230_000_000, threadStart: 2_000_000_000 };
const SOCKET = {
  cookie: 4242,
  localAddress: '10.0.0.1',
  localPort: 8080,
  remoteAddress: '192.168.255.2',
  remotePort: 65_535,
  netns: 0xf0000000,
  accepted: true,
};

describe('decoding captured records', () => {
  it('reads a message', () => {
    const [event] = decode(
      message({
        at: 5000n,
        begin: 4000n,
        arrival: 3000n,
        offset: 0x1_2345_6789n,
        context: 0xc000_0012_3400n,
        length: 100,
        retransmits: 2,
        head: Buffer.from('the head'),
        tail: Buffer.from('tail'),
        send: true,
      }),
      1_000_000,
    );
    expect(event).toEqual({
      type: 'message',
      task: TASK,
      socket: SOCKET,
      direction: 'send',
      localIsn: 0xfffffff0,
      remoteIsn: 3,
      offset: 0x1_2345_6789,
      context: 0xc000_0012_3400,
      length: 100,
      head: new Uint8Array(Buffer.from('the head')),
      tail: new Uint8Array(Buffer.from('tail')),
      begin: 1_004_000,
      end: 1_005_000,
      arrival: 1_003_000,
      retransmits: 2,
    });
  });

  it('keeps an unknown arrival 0, whatever the clocks', () => {
    expect(decode(message({ arrival: 0n }), 77)).toMatchObject([{ arrival: 0, direction: 'receive' }]);
  });

  it('knows of a socket since when it is connected, from the record of its connection on', () => {
    const events = decode(
      Buffer.concat([connection(2, 1000n, SOCKET_FIELDS, Buffer.alloc(0), 990n), message()]),
      10,
    );
    expect(events.map((event) => 'socket' in event && event.socket.since)).toEqual([1000, 1000]);
  });

  it('reads every other kind of record, in order', () => {
    const events = decode(
      Buffer.concat([
        connection(1),
        connection(2, 1001n),
        listen(mapped(0, 0, 0, 0), 80),
        processRecord('exec'),
        fork(70, 3_456_789_012n),
        processRecord('threadExit'),
        retransmit(),
        context(1),
        context(2, 1001n),
        wake(71, 3_456_789_012n, 137),
        threadStart(72, 3_456_789_012n),
        processRecord('exit'),
        connection(3, 1002n),
      ]),
      10,
    );
    const task = TASK;
    const socket = SOCKET;
    const begin = { context: 0xc000_0012_3400, localIsn: 0xfffffff0, remoteIsn: 3 };
    const life = {
      type: 'context',
      task,
      context: 0xc000_0012_3400,
      parent: 0xc000_0000_01c0,
      origin: 0x55_5555_4321,
    };
    expect(events).toEqual([
      { type: 'connection', state: 'opening', task, socket, ...begin, at: 1010 },
      { type: 'connection', state: 'established', task, socket, ...begin, at: 1011 },
      { type: 'listen', task, address: '0.0.0.0', port: 80, netns: 17, at: 1010 },
      { type: 'exec', task, at: 1010 },
      { type: 'fork', task, childPid: 70, childStart: 3_450_000_000, at: 1010 },
      { type: 'thread_exit', task, at: 1010 },
      { type: 'retransmit', socket, at: 1010 },
      { ...life, state: 'begun', at: 1010 },
      { ...life, state: 'ended', at: 1011 },
      {
        type: 'wake',
        task,
        wokenTid: 71,
        wokenStart: 3_450_000_000,
        waitOperation: 137,
        timed: true,
        at: 1010,
      },
      { type: 'thread_start', task, childTid: 72, childStart: 3_450_000_000, at: 1010 },
      { type: 'exit', task, at: 1010 },
      { type: 'connection', state: 'closed', task, socket, ...begin, at: 1012 },
    ]);
  });

  const unixSocket = { ...SOCKET_FIELDS, family: 1, local: NO_ADDRESS, remote: NO_ADDRESS };

  it.each([
    ['a path', '/run/app.sock\0', '/run/app.sock'],
    ['a path that fills its field', 'x'.repeat(108), 'x'.repeat(108)],
    ['an abstract name', '\0app', '@app'],
    ['no name', '', ''],
  ])('reads %s of a Unix connection, which its messages then have', (_, name, path) => {
    const events = decode(
      Buffer.concat([
        connection(2, 1000n, unixSocket, Buffer.from(name)),
        message({ socket: unixSocket, unaligned: true }),
      ]),
    );
    const socket = {
      path,
      localAddress: path,
      localPort: 0,
      remoteAddress: '',
      remotePort: 0,
      accepted: true,
    };
    expect(events[0]).toMatchObject({ type: 'connection', socket });
    expect(events[1]).toMatchObject({ type: 'message', unaligned: true, socket });
    expect((events[1] as Message).socket).toBe((events[0] as ConnectionEvent).socket);
  });

  it.each([
    [false, '', '/run/app.sock'],
    [undefined, '', ''],
  ])(
    'gives the name to the end that was accepted (this one: %s)',
    (accepted, localAddress, remoteAddress) => {
      const [event] = decode(connection(2, 1000n, { ...unixSocket, accepted }, Buffer.from('/run/app.sock')));
      expect(event).toMatchObject({
        socket: { path: '/run/app.sock', localAddress, remoteAddress, accepted },
      });
    },
  );

  it('reads what a look at Unix sockets has met', () => {
    expect(decode(Buffer.concat([unixAlive(7n), unixSwept(1n, 1001n)]), 10)).toEqual([
      { type: 'unix_alive', cookie: 7, at: 1010 },
      { type: 'unix_swept', count: 1, at: 1011 },
    ]);
  });

  it('gives one object for one socket and one thread until they change', () => {
    const moved = { ...SOCKET_FIELDS, local: [SOCKET_FIELDS.local[0], 81] as const };
    const reused = { ...TASK_FIELDS, threadStart: 9_000_000_000n };
    const events = decode(
      Buffer.concat([
        message(),
        message(),
        connection(2, 1000n, moved),
        message({ socket: moved, task: reused }),
      ]),
    );
    const [first, second, , third] = events as Message[];
    expect(second!.socket).toBe(first!.socket);
    expect(second!.task).toBe(first!.task);
    expect(third!.socket.localPort).toBe(81);
    expect(third!.task.threadStart).toBe(9_000_000_000);
  });

  it('says where each record ends, and decodes from the middle', () => {
    const bytes = new Uint8Array(Buffer.concat([message(), retransmit(), message()]));
    const ends: number[] = [];
    const decoder = new Decoder(bytes);
    decoder.decode(0, bytes.length, 0, (_, next) => ends.push(next));
    expect(ends).toEqual([160, 240, 400]);
    const types: string[] = [];
    decoder.decode(160, 240, 0, (event) => types.push(event.type));
    expect(types).toEqual(['retransmit']);
  });

  it.each([
    ['a size of zero', Buffer.alloc(16)],
    ['a size beyond the end', message().subarray(0, 144)],
    ['an unknown type', Object.assign(retransmit(), { 4: 99 })],
    ['an unknown connection state', connection(9)],
    ['more captured than moved', message({ length: 3, head: Buffer.from('four') })],
    ['less than a header', Buffer.alloc(8)],
  ])('refuses %s', (_, bytes) => {
    expect(() => decode(bytes)).toThrow(SpanloomError);
  });

  it('takes any bytes at all without anything worse than its own error', () => {
    const records = fc.constantFrom(
      message(),
      connection(2),
      retransmit(),
      fork(1, 2n),
      processRecord('exit'),
      connection(2, 1n, unixSocket, Buffer.from('/run/app.sock')),
      unixAlive(1n),
      unixSwept(1n),
    );
    const damaged = fc
      .tuple(
        fc.array(records, { maxLength: 5 }),
        fc.array(fc.tuple(fc.nat(800), fc.nat(255)), { maxLength: 6 }),
      )
      .map(([whole, changes]) => {
        const bytes = Buffer.concat(whole);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 400 })), (bytes) => {
        try {
          for (const event of decode(bytes))
            if (event.type === 'message')
              expect(event.head.length + event.tail.length).toBeLessThanOrEqual(event.length);
        } catch (error) {
          expect(error).toMatchObject({ code: 'SPANLOOM_RECORD_INVALID' });
        }
      }),
      { numRuns: 500 },
    );
  });
});
