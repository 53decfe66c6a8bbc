import { ManualClock } from '../../src/collector/clock.ts';
import {
  DIRECTION_SEND,
  HEADER,
  MESSAGE,
  RECORD_TYPE,
  SOCKET,
  TASK,
} from '../../src/receiver/ebpf/capture/layout.ts';
import { RecordingWriter } from '../../src/receiver/ebpf/capture/recording.ts';
import type { ProcessFacts } from '../../src/receiver/ebpf/process/facts.ts';

const PID = 4242;
const PORT = 8080;
const CONNECTIONS = 64;
const EXCHANGES_A_DRAIN = 128;
const EXCHANGE_NANOS = 16_000;
const START = 1_700_000_000_000_000_000n;

const FACTS: ProcessFacts = {
  pid: PID,
  startTime: 1e9,
  parentPid: 1,
  namespacePids: [PID],
  executablePath: '/usr/sbin/nginx',
  commandArgs: ['nginx: worker process'],
  owner: 'www-data',
  runtime: 'native',
  netns: 1,
  listeningPorts: [PORT],
  containerId: undefined,
  resource: [
    ['service.name', 'nginx'],
    ['service.instance.id', '5d1f1f2c-9d3c-4a53-8a5e-0d6a5b0f7d11'],
    ['process.pid', PID],
    ['process.executable.name', 'nginx'],
    ['host.name', 'shop-1'],
  ],
};

const RESPONSE = Buffer.from(
  'HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Mon, 23 Nov 2026 12:00:00 GMT\r\n' +
    'Content-Type: text/plain\r\nContent-Length: 12\r\nConnection: keep-alive\r\n\r\nhello world\n',
);

/** Writes a recording of one server with keep-alive connections, as `requests.lua` would load it. */
export function writeSynthetic(file: string, exchanges: number): void {
  const clock = new ManualClock(START);
  const writer = new RecordingWriter({
    file,
    clock,
    onError: (error) => {
      throw error;
    },
  });
  writer.process(FACTS);
  const received = new Float64Array(CONNECTIONS);
  const sent = new Float64Array(CONNECTIONS);
  for (let from = 0; from < exchanges; from += EXCHANGES_A_DRAIN) {
    const records: Buffer[] = [];
    for (let i = from; i < Math.min(from + EXCHANGES_A_DRAIN, exchanges); i++) {
      const connection = i % CONNECTIONS;
      const request = requestBytes(i);
      const at = i * EXCHANGE_NANOS;
      records.push(
        message({ connection, send: false, offset: received[connection]!, head: request, at }),
        message({ connection, send: true, offset: sent[connection]!, head: RESPONSE, at: at + 9_000 }),
      );
      received[connection]! += request.length;
      sent[connection]! += RESPONSE.length;
    }
    clock.advanceTo((from + EXCHANGES_A_DRAIN) * EXCHANGE_NANOS);
    const drain = Buffer.concat(records);
    writer.beginDrain(drain, START);
    writer.passed(drain.length);
    writer.drained();
  }
  writer.close();
}

function requestBytes(i: number): Buffer {
  const id = Math.imul(i + 1, 0x9e3779b1) >>> 0;
  const word = id.toString(16).padStart(8, '0');
  return Buffer.from(
    `GET /api/orders/${id % 300}?page=${id % 9} HTTP/1.1\r\nHost: shop.example.com\r\n` +
      'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n' +
      'Accept: application/json, text/plain, */*\r\nAccept-Language: en-US,en;q=0.5\r\n' +
      'Accept-Encoding: gzip, deflate, br\r\nX-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\n' +
      `Cache-Control: no-cache\r\ntraceparent: 00-${word.repeat(4)}-${word.repeat(2)}-01\r\n` +
      `x-request-id: ${word.repeat(4)}\r\n\r\n`,
  );
}

interface Fields {
  readonly connection: number;
  readonly send: boolean;
  readonly offset: number;
  readonly head: Buffer;
  /** Nanoseconds since the start. */
  readonly at: number;
}

function message({ connection, send, offset, head, at }: Fields): Buffer {
  const size = Math.ceil((MESSAGE.bytes + head.length) / 8) * 8;
  const record = Buffer.alloc(size);
  record.writeUInt32LE(size, HEADER.size);
  record[HEADER.type] = RECORD_TYPE.message;
  record.writeBigUInt64LE(BigInt(at), HEADER.at);
  record.writeUInt32LE(PID, MESSAGE.task + TASK.pid);
  record.writeUInt32LE(PID, MESSAGE.task + TASK.tid);
  record.writeBigUInt64LE(1_000_000_000n, MESSAGE.task + TASK.processStart);
  record.writeBigUInt64LE(1_000_000_000n, MESSAGE.task + TASK.threadStart);
  const socket = MESSAGE.socket;
  record.writeBigUInt64LE(BigInt(connection + 1), socket + SOCKET.cookie);
  record.writeUInt32LE(1, socket + SOCKET.netns);
  record.writeUInt32LE(1000 + connection, socket + SOCKET.localIsn);
  record.writeUInt32LE(9000 + connection, socket + SOCKET.remoteIsn);
  record.writeUInt16LE(PORT, socket + SOCKET.localPort);
  record.writeUInt16LE(40_000 + connection, socket + SOCKET.remotePort);
  loopback(record, socket + SOCKET.localAddress);
  loopback(record, socket + SOCKET.remoteAddress);
  record[socket + SOCKET.accepted] = 1;
  record.writeBigUInt64LE(BigInt(at), MESSAGE.begin);
  record.writeBigUInt64LE(BigInt(send ? 0 : at), MESSAGE.arrival);
  record.writeBigUInt64LE(BigInt(offset), MESSAGE.offset);
  record.writeUInt32LE(head.length, MESSAGE.length);
  record.writeUInt16LE(head.length, MESSAGE.headLength);
  record[MESSAGE.direction] = send ? DIRECTION_SEND : 0;
  record.set(head, MESSAGE.bytes);
  return record;
}

/** 127.0.0.1 as an IPv4-mapped IPv6 address. */
function loopback(record: Buffer, at: number): void {
  record.set([0xff, 0xff, 127, 0, 0, 1], at + 10);
}
