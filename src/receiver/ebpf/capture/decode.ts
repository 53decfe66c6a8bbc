import type { Nanos } from '../../../collector/clock.ts';
import { SpanloomError } from '../../../error.ts';
import type { CaptureEvent, Socket, TaskId } from '../message.ts';
import { formatAddress, unixAddresses } from './addresses.ts';
import {
  ACCEPTED_UNKNOWN,
  CONNECTION,
  CONNECTION_STATES,
  CONTEXT,
  CONTEXT_STATES,
  DIRECTION_SEND,
  FAMILY_UNIX,
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
} from './layout.ts';

const TWO_32 = 2 ** 32;

/** `/proc/PID/stat` and all who read it know start times in clock ticks only (USER_HZ is 100). */
const CLOCK_TICK = 1e7;

/** Sockets and tasks whose end was not seen must not pile up: past this many all are forgotten and met again. */
const INTERNED_LIMIT = 65_536;

const TASK_WORDS = TASK.bytes / 4;

const NO_BYTES = new Uint8Array(0);

/** From records as the kernel wrote them, one after the other, to events. */
export class Decoder {
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #sockets = new Map<number, Socket>();
  readonly #tasks = new Map<number, { readonly words: Uint32Array; readonly task: TaskId }>();

  /** `bytes` starts at a multiple of 4 in its ArrayBuffer; it is overwritten between calls of `decode`. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 2);
  }

  /**
   * Decodes the records in bytes `from` up to `to`. `shift` is what turns kernel time into `Nanos`.
   *
   * `event` is called for each with the position of the record after it. Throws `SPANLOOM_RECORD_INVALID` on what the
   * kernel side never writes.
   */
  decode(from: number, to: number, shift: Nanos, event: (event: CaptureEvent, next: number) => void): void {
    for (let at = from; at < to; ) {
      const size = to - at < HEADER.bytes ? 0 : this.#words[at >>> 2]!;
      if (size < HEADER.bytes || size % 8 !== 0 || size > to - at)
        throw invalid(at, `its size is ${size} of ${to - at} bytes`);
      const next = at + size;
      event(this.#record(at, size, shift), next);
      at = next;
    }
  }

  #record(at: number, size: number, shift: Nanos): CaptureEvent {
    const time = this.#u64(at + HEADER.at) + shift;
    switch (this.#bytes[at + HEADER.type]) {
      case RECORD_TYPE.message:
        return this.#message(at, size, time, shift);
      case RECORD_TYPE.connection:
        return this.#connection(at, size, time, shift);
      case RECORD_TYPE.listen:
        expectSize(at, size, LISTEN.bytes);
        return {
          type: 'listen',
          task: this.#task(at + LISTEN.task),
          address: formatAddress(this.#bytes, at + LISTEN.address),
          port: this.#u16(at + LISTEN.port),
          netns: this.#u32(at + LISTEN.netns),
          at: time,
        };
      case RECORD_TYPE.exec:
        expectSize(at, size, PROCESS.bytes);
        return { type: 'exec', task: this.#task(at + PROCESS.task), at: time };
      case RECORD_TYPE.fork:
        expectSize(at, size, FORK.bytes);
        return {
          type: 'fork',
          task: this.#task(at + FORK.task),
          childPid: this.#u32(at + FORK.childPid),
          childStart: this.#ticks(at + FORK.childStart),
          at: time,
        };
      case RECORD_TYPE.exit:
        expectSize(at, size, PROCESS.bytes);
        return { type: 'exit', task: this.#endedTask(at + PROCESS.task), at: time };
      case RECORD_TYPE.threadExit:
        expectSize(at, size, PROCESS.bytes);
        return { type: 'thread_exit', task: this.#endedTask(at + PROCESS.task), at: time };
      case RECORD_TYPE.retransmit:
        expectSize(at, size, RETRANSMIT.bytes);
        return { type: 'retransmit', socket: this.#socket(at + RETRANSMIT.socket), at: time };
      case RECORD_TYPE.unixAlive:
        expectSize(at, size, UNIX_ALIVE.bytes);
        return { type: 'unix_alive', cookie: this.#u64(at + UNIX_ALIVE.cookie), at: time };
      case RECORD_TYPE.unixSwept:
        expectSize(at, size, UNIX_SWEPT.bytes);
        return { type: 'unix_swept', count: this.#u64(at + UNIX_SWEPT.count), at: time };
      case RECORD_TYPE.context:
        return this.#context(at, size, time);
      case RECORD_TYPE.wake:
        expectSize(at, size, WAKE.bytes);
        return {
          type: 'wake',
          task: this.#task(at + WAKE.task),
          wokenTid: this.#u32(at + WAKE.wokenTid),
          wokenStart: this.#ticks(at + WAKE.wokenStart),
          waitOperation: this.#u32(at + WAKE.waitOperation),
          timed: this.#bytes[at + WAKE.timed] !== 0,
          at: time,
        };
      case RECORD_TYPE.threadStart:
        expectSize(at, size, FORK.bytes);
        return {
          type: 'thread_start',
          task: this.#task(at + FORK.task),
          childTid: this.#u32(at + FORK.childPid),
          childStart: this.#ticks(at + FORK.childStart),
          at: time,
        };
      default:
        throw invalid(at, `its type is ${this.#bytes[at + HEADER.type]}`);
    }
  }

  #message(at: number, size: number, end: Nanos, shift: Nanos): CaptureEvent {
    if (size < MESSAGE.bytes) throw invalid(at, `a message has ${size} bytes`);
    const head = at + MESSAGE.bytes;
    const tail = head + this.#u16(at + MESSAGE.headLength);
    const after = tail + this.#u16(at + MESSAGE.tailLength);
    const length = this.#u32(at + MESSAGE.length);
    if (after > at + size || after - head > length)
      throw invalid(at, `a message of ${length} bytes has ${after - head} captured`);
    const arrival = this.#u64(at + MESSAGE.arrival);
    return {
      type: 'message',
      task: this.#task(at + MESSAGE.task),
      socket: this.#socket(at + MESSAGE.socket),
      direction: this.#bytes[at + MESSAGE.direction] === DIRECTION_SEND ? 'send' : 'receive',
      localIsn: this.#u32(at + MESSAGE.socket + SOCKET.localIsn),
      remoteIsn: this.#u32(at + MESSAGE.socket + SOCKET.remoteIsn),
      offset: this.#u64(at + MESSAGE.offset),
      context: this.#u64(at + MESSAGE.context),
      ...(this.#bytes[at + MESSAGE.unaligned] !== 0 && { unaligned: true }),
      length,
      head: this.#bytes.subarray(head, tail),
      tail: tail === after ? NO_BYTES : this.#bytes.subarray(tail, after),
      begin: this.#u64(at + MESSAGE.begin) + shift,
      end,
      arrival: arrival === 0 ? 0 : arrival + shift,
      retransmits: this.#u32(at + MESSAGE.retransmits),
    };
  }

  #connection(at: number, size: number, time: Nanos, shift: Nanos): CaptureEvent {
    const nameLength = size < CONNECTION.bytes ? 0 : this.#bytes[at + CONNECTION.nameLength]!;
    expectSize(at, size, (CONNECTION.bytes + nameLength + 7) & ~7);
    const state = CONNECTION_STATES[this.#bytes[at + CONNECTION.state]!];
    if (!state) throw invalid(at, `its connection state is ${this.#bytes[at + CONNECTION.state]}`);
    const place = at + CONNECTION.socket;
    const cookie = this.#u64(place + SOCKET.cookie);
    // The local port is chosen after `opening`, and a socket may connect again.
    if (state !== 'closed') this.#sockets.delete(cookie);
    const name = at + CONNECTION.bytes;
    const since = this.#u64(at + CONNECTION.since);
    const socket = this.#socket(
      place,
      this.#bytes.subarray(name, name + nameLength),
      since === 0 ? undefined : since + shift,
    );
    if (state === 'closed') this.#sockets.delete(cookie);
    return {
      type: 'connection',
      state,
      task: this.#task(at + CONNECTION.task),
      socket,
      context: this.#u64(at + CONNECTION.context),
      localIsn: this.#u32(place + SOCKET.localIsn),
      remoteIsn: this.#u32(place + SOCKET.remoteIsn),
      at: time,
    };
  }

  #context(at: number, size: number, time: Nanos): CaptureEvent {
    expectSize(at, size, CONTEXT.bytes);
    const state = CONTEXT_STATES[this.#bytes[at + CONTEXT.state]!];
    if (!state) throw invalid(at, `its context state is ${this.#bytes[at + CONTEXT.state]}`);
    return {
      type: 'context',
      state,
      task: this.#task(at + CONTEXT.task),
      context: this.#u64(at + CONTEXT.context),
      parent: this.#u64(at + CONTEXT.parent),
      origin: this.#u64(at + CONTEXT.origin),
      at: time,
    };
  }

  /** `name` and `since` are known when a connection is told of; its messages come after that. */
  #socket(at: number, name: Uint8Array = NO_BYTES, since?: Nanos): Socket {
    const cookie = this.#u64(at + SOCKET.cookie);
    const known = this.#sockets.get(cookie);
    if (known) return known;
    const flag = this.#bytes[at + SOCKET.accepted];
    const accepted = flag === ACCEPTED_UNKNOWN ? undefined : flag !== 0;
    const unix = this.#bytes[at + SOCKET.family] === FAMILY_UNIX;
    const socket: Socket = {
      cookie,
      ...(unix ? unixAddresses(name, accepted) : this.#addresses(at)),
      netns: this.#u32(at + SOCKET.netns),
      accepted,
      ...(since !== undefined && { since }),
    };
    if (this.#sockets.size >= INTERNED_LIMIT) this.#sockets.clear();
    this.#sockets.set(cookie, socket);
    return socket;
  }

  #addresses(at: number) {
    return {
      localAddress: formatAddress(this.#bytes, at + SOCKET.localAddress),
      localPort: this.#u16(at + SOCKET.localPort),
      remoteAddress: formatAddress(this.#bytes, at + SOCKET.remoteAddress),
      remotePort: this.#u16(at + SOCKET.remotePort),
    };
  }

  #task(at: number): TaskId {
    const words = this.#words;
    const word = at >>> 2;
    const tid = this.#u32(at + TASK.tid);
    const known = this.#tasks.get(tid);
    if (known) {
      let same = 0;
      while (same < TASK_WORDS && known.words[same] === words[word + same]) same++;
      if (same === TASK_WORDS) return known.task;
    }
    const task: TaskId = {
      pid: this.#u32(at + TASK.pid),
      processStart: this.#ticks(at + TASK.processStart),
      tid,
      threadStart: this.#ticks(at + TASK.threadStart),
    };
    if (this.#tasks.size >= INTERNED_LIMIT) this.#tasks.clear();
    this.#tasks.set(tid, { words: words.slice(word, word + TASK_WORDS), task });
    return task;
  }

  #endedTask(at: number): TaskId {
    const task = this.#task(at);
    this.#tasks.delete(task.tid);
    return task;
  }

  #ticks(at: number): number {
    return Math.floor(this.#u64(at) / CLOCK_TICK) * CLOCK_TICK;
  }

  #u16(at: number): number {
    return this.#bytes[at]! | (this.#bytes[at + 1]! << 8);
  }

  #u32(at: number): number {
    return this.#words[at >>> 2]!;
  }

  /** Exact up to 2^53: cookies, offsets and addresses of processes stay below, times do for 104 days since boot. */
  #u64(at: number): number {
    const word = at >>> 2;
    return this.#words[word + 1]! * TWO_32 + this.#words[word]!;
  }
}

function expectSize(at: number, size: number, expected: number): void {
  if (size !== expected) throw invalid(at, `it has ${size} bytes instead of ${expected}`);
}

function invalid(at: number, what: string): SpanloomError {
  return new SpanloomError('SPANLOOM_RECORD_INVALID', `Captured record at byte ${at} is not one: ${what}.`);
}
