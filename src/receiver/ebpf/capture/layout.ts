/**
 * Where the fields of `bpf/include/events.h` are, in bytes. A test compares these with the built object's BTF.
 */

/** Raised with every change of the records: a recording made with another version can not be read. */
export const EVENT_ABI_VERSION = 5;

export const RECORD_TYPE = {
  message: 1,
  connection: 2,
  listen: 3,
  exec: 4,
  fork: 5,
  exit: 6,
  threadExit: 7,
  retransmit: 8,
  context: 9,
  wake: 10,
  unixAlive: 11,
  unixSwept: 12,
  threadStart: 13,
} as const;

export const DIRECTION_SEND = 1;

/** `accepted` of a socket of which it can not be told. */
export const ACCEPTED_UNKNOWN = 2;

export const FAMILY_UNIX = 1;

export const CONNECTION_STATES = [undefined, 'opening', 'established', 'closed'] as const;

export const CONTEXT_STATES = [undefined, 'begun', 'ended'] as const;

export const HEADER = { size: 0, type: 4, at: 8, bytes: 16 } as const;

export const TASK = { processStart: 0, threadStart: 8, pid: 16, tid: 20, bytes: 24 } as const;

export const SOCKET = {
  cookie: 0,
  netns: 8,
  localIsn: 12,
  remoteIsn: 16,
  localPort: 20,
  remotePort: 22,
  localAddress: 24,
  remoteAddress: 40,
  accepted: 56,
  family: 57,
  bytes: 64,
} as const;

export const MESSAGE = {
  task: 16,
  socket: 40,
  begin: 104,
  arrival: 112,
  offset: 120,
  context: 128,
  length: 136,
  retransmits: 140,
  headLength: 144,
  tailLength: 146,
  direction: 148,
  unaligned: 149,
  bytes: 152,
} as const;

export const CONNECTION = {
  task: 16,
  socket: 40,
  context: 104,
  since: 112,
  state: 120,
  nameLength: 121,
  bytes: 128,
} as const;

export const LISTEN = { task: 16, address: 40, netns: 56, port: 60, bytes: 64 } as const;

export const PROCESS = { task: 16, bytes: 40 } as const;

export const FORK = { task: 16, childStart: 40, childPid: 48, bytes: 56 } as const;

export const CONTEXT = { task: 16, context: 40, parent: 48, origin: 56, state: 64, bytes: 72 } as const;

/** Value of the map `runtimes`: what user space tells of a process. */
export const RUNTIME = { kind: 0, parameters: 8, bytes: 40 } as const;

export const RUNTIME_KIND = { go: 1, python: 2 } as const;

export const RETRANSMIT = { socket: 16, bytes: 80 } as const;

export const UNIX_ALIVE = { cookie: 16, bytes: 24 } as const;

export const UNIX_SWEPT = { count: 16, bytes: 24 } as const;

export const WAKE = {
  task: 16,
  wokenStart: 40,
  wokenTid: 48,
  waitOperation: 52,
  timed: 56,
  bytes: 64,
} as const;

/** The largest record: a message with 4 KiB of head and 64 bytes of tail. */
export const LARGEST_RECORD = MESSAGE.bytes + 4096 + 64;
