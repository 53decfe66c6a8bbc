import {
  CONNECTION,
  CONTEXT,
  FORK,
  HEADER,
  LISTEN,
  MESSAGE,
  PROCESS,
  RECORD_TYPE,
  RETRANSMIT,
  SOCKET,
  TASK,
  UNIX_ALIVE,
  UNIX_SWEPT,
  WAKE,
} from '../../../src/receiver/ebpf/capture/layout.ts';

export interface TaskFields {
  pid: number;
  tid: number;
  processStart: bigint;
  threadStart: bigint;
}

export interface SocketFields {
  cookie: bigint;
  netns: number;
  localIsn: number;
  remoteIsn: number;
  local: readonly [address: Uint8Array, port: number];
  remote: readonly [address: Uint8Array, port: number];
  accepted: boolean | undefined;
  /** 1 is AF_UNIX. */
  family?: number;
}

export interface MessageFields {
  at: bigint;
  begin: bigint;
  arrival: bigint;
  offset: bigint;
  context: bigint;
  length: number;
  retransmits: number;
  head: Uint8Array;
  tail: Uint8Array;
  send: boolean;
  unaligned: boolean;
  task: TaskFields;
  socket: SocketFields;
}

export const TASK_FIELDS: TaskFields = {
  pid: 7,
  tid: 9,
  processStart: 1_234_567_890n,
  threadStart: 2_000_000_001n,
};

export const SOCKET_FIELDS: SocketFields = {
  cookie: 4242n,
  netns: 0xf0000000,
  localIsn: 0xfffffff0,
  remoteIsn: 3,
  local: [mapped(10, 0, 0, 1), 8080],
  remote: [mapped(192, 168, 255, 2), 65_535],
  accepted: true,
};

export function mapped(a: number, b: number, c: number, d: number): Uint8Array {
  return Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d);
}

export function message(fields: Partial<MessageFields> = {}): Buffer {
  const { head = Buffer.from('head'), tail = new Uint8Array(0), length = head.length + tail.length } = fields;
  const size = Math.ceil((MESSAGE.bytes + head.length + tail.length) / 8) * 8;
  const record = header(size, RECORD_TYPE.message, fields.at ?? 1000n);
  putTask(record, MESSAGE.task, fields.task ?? TASK_FIELDS);
  putSocket(record, MESSAGE.socket, fields.socket ?? SOCKET_FIELDS);
  record.writeBigUInt64LE(fields.begin ?? 900n, MESSAGE.begin);
  record.writeBigUInt64LE(fields.arrival ?? 0n, MESSAGE.arrival);
  record.writeBigUInt64LE(fields.offset ?? 0n, MESSAGE.offset);
  record.writeBigUInt64LE(fields.context ?? 0n, MESSAGE.context);
  record.writeUInt32LE(length, MESSAGE.length);
  record.writeUInt32LE(fields.retransmits ?? 0, MESSAGE.retransmits);
  record.writeUInt16LE(head.length, MESSAGE.headLength);
  record.writeUInt16LE(tail.length, MESSAGE.tailLength);
  record[MESSAGE.direction] = fields.send ? 1 : 0;
  record[MESSAGE.unaligned] = fields.unaligned ? 1 : 0;
  record.set(head, MESSAGE.bytes);
  record.set(tail, MESSAGE.bytes + head.length);
  return record;
}

export function connection(
  state: number,
  at = 1000n,
  socket: SocketFields = SOCKET_FIELDS,
  name: Uint8Array = new Uint8Array(0),
  since = 0n,
): Buffer {
  const size = Math.ceil((CONNECTION.bytes + name.length) / 8) * 8;
  const record = header(size, RECORD_TYPE.connection, at);
  record[CONNECTION.nameLength] = name.length;
  record.set(name, CONNECTION.bytes);
  putTask(record, CONNECTION.task, TASK_FIELDS);
  putSocket(record, CONNECTION.socket, socket);
  record.writeBigUInt64LE(0xc000_0012_3400n, CONNECTION.context);
  record.writeBigUInt64LE(since, CONNECTION.since);
  record[CONNECTION.state] = state;
  return record;
}

export function listen(address: Uint8Array, port: number, at = 1000n): Buffer {
  const record = header(LISTEN.bytes, RECORD_TYPE.listen, at);
  putTask(record, LISTEN.task, TASK_FIELDS);
  record.set(address, LISTEN.address);
  record.writeUInt32LE(17, LISTEN.netns);
  record.writeUInt16LE(port, LISTEN.port);
  return record;
}

export function processRecord(type: 'exec' | 'exit' | 'threadExit', at = 1000n): Buffer {
  const record = header(PROCESS.bytes, RECORD_TYPE[type], at);
  putTask(record, PROCESS.task, TASK_FIELDS);
  return record;
}

export function fork(childPid: number, childStart: bigint, at = 1000n): Buffer {
  const record = header(FORK.bytes, RECORD_TYPE.fork, at);
  putTask(record, FORK.task, TASK_FIELDS);
  record.writeUInt32LE(childPid, FORK.childPid);
  record.writeBigUInt64LE(childStart, FORK.childStart);
  return record;
}

export function context(state: number, at = 1000n): Buffer {
  const record = header(CONTEXT.bytes, RECORD_TYPE.context, at);
  putTask(record, CONTEXT.task, TASK_FIELDS);
  record.writeBigUInt64LE(0xc000_0012_3400n, CONTEXT.context);
  record.writeBigUInt64LE(0xc000_0000_01c0n, CONTEXT.parent);
  record.writeBigUInt64LE(0x55_5555_4321n, CONTEXT.origin);
  record[CONTEXT.state] = state;
  return record;
}

export function threadStart(childTid: number, childStart: bigint, at = 1000n): Buffer {
  const record = fork(childTid, childStart, at);
  record[HEADER.type] = RECORD_TYPE.threadStart;
  return record;
}

export function wake(wokenTid: number, wokenStart: bigint, waitOperation: number, at = 1000n): Buffer {
  const record = header(WAKE.bytes, RECORD_TYPE.wake, at);
  putTask(record, WAKE.task, TASK_FIELDS);
  record.writeBigUInt64LE(wokenStart, WAKE.wokenStart);
  record.writeUInt32LE(wokenTid, WAKE.wokenTid);
  record.writeUInt32LE(waitOperation, WAKE.waitOperation);
  record[WAKE.timed] = 1;
  return record;
}

export function retransmit(at = 1000n): Buffer {
  const record = header(RETRANSMIT.bytes, RECORD_TYPE.retransmit, at);
  putSocket(record, RETRANSMIT.socket, SOCKET_FIELDS);
  return record;
}

export function unixAlive(cookie: bigint, at = 1000n): Buffer {
  const record = header(UNIX_ALIVE.bytes, RECORD_TYPE.unixAlive, at);
  record.writeBigUInt64LE(cookie, UNIX_ALIVE.cookie);
  return record;
}

export function unixSwept(count: bigint, at = 1000n): Buffer {
  const record = header(UNIX_SWEPT.bytes, RECORD_TYPE.unixSwept, at);
  record.writeBigUInt64LE(count, UNIX_SWEPT.count);
  return record;
}

function header(size: number, type: number, at: bigint): Buffer {
  const record = Buffer.alloc(size);
  record.writeUInt32LE(size, HEADER.size);
  record[HEADER.type] = type;
  record.writeBigUInt64LE(at, HEADER.at);
  return record;
}

function putTask(record: Buffer, at: number, task: TaskFields): void {
  record.writeBigUInt64LE(task.processStart, at + TASK.processStart);
  record.writeBigUInt64LE(task.threadStart, at + TASK.threadStart);
  record.writeUInt32LE(task.pid, at + TASK.pid);
  record.writeUInt32LE(task.tid, at + TASK.tid);
}

function putSocket(record: Buffer, at: number, socket: SocketFields): void {
  record.writeBigUInt64LE(socket.cookie, at + SOCKET.cookie);
  record.writeUInt32LE(socket.netns, at + SOCKET.netns);
  record.writeUInt32LE(socket.localIsn, at + SOCKET.localIsn);
  record.writeUInt32LE(socket.remoteIsn, at + SOCKET.remoteIsn);
  record.writeUInt16LE(socket.local[1], at + SOCKET.localPort);
  record.writeUInt16LE(socket.remote[1], at + SOCKET.remotePort);
  record.set(socket.local[0], at + SOCKET.localAddress);
  record.set(socket.remote[0], at + SOCKET.remoteAddress);
  record[at + SOCKET.accepted] = socket.accepted === undefined ? 2 : Number(socket.accepted);
  record[at + SOCKET.family] = socket.family ?? 0;
}
