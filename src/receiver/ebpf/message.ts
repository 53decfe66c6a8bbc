import type { Nanos } from '../../collector/clock.ts';

/** What the kernel side reports, decoded. One variant a record type of `bpf/include/events.h`. */
export type CaptureEvent =
  | Message
  | ConnectionEvent
  | ListenEvent
  | ProcessExecEvent
  | ProcessForkEvent
  | ProcessExitEvent
  | ThreadExitEvent
  | RetransmitEvent
  | ContextEvent
  | UnixAliveEvent
  | UnixSweptEvent
  | WakeEvent
  | ThreadStartEvent
  | LostEvent;

/**
 * The task that did something: `tgid` is what user space calls the pid. Start times tell a reused number apart; they
 * are whole clock ticks (10 ms), as `/proc/PID/stat` gives them.
 */
export interface TaskId {
  readonly pid: number;
  /** Start of the thread group leader, nanoseconds on the boot clock. */
  readonly processStart: number;
  readonly tid: number;
  /** Start of the thread, nanoseconds on the boot clock. */
  readonly threadStart: number;
}

/** One end of a connection as its own host sees it. Unix sockets have no ports: theirs are 0. */
export interface Socket {
  /** The kernel's socket cookie: unique on this host until reboot. */
  readonly cookie: number;
  /**
   * Unix sockets only: the name that the connection was made to, a path or, with `@` before it, a name in the abstract
   * namespace; empty where there is none (`socketpair`).
   */
  readonly path?: string;
  /** Numeric address; IPv4-mapped IPv6 addresses are written as IPv4. Of a Unix socket its end of `path`, or empty. */
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Inode of the network namespace. */
  readonly netns: number;
  /** True when the connection came in on a listening socket, false when this end connected; the kernel's own sockets
   * tell it, those older than the capture too, but for some Unix sockets that are bound at both ends. */
  readonly accepted: boolean | undefined;
  /** When the connection was established; missing where that is not known: of Unix sockets, and before the capture. */
  readonly since?: Nanos;
}

/**
 * What one call moved over one socket.
 *
 * `head` and `tail` are views into a buffer that the next drain overwrites: copy what must last longer.
 */
export interface Message {
  readonly type: 'message';
  readonly task: TaskId;
  readonly socket: Socket;
  readonly direction: 'receive' | 'send';
  /** Initial sequence number of the stream this end sends (32 bits); with `remoteIsn` it names the connection. */
  readonly localIsn: number;
  readonly remoteIsn: number;
  /**
   * Offset in the stream of the first byte moved: 0 is the first byte after the SYN; on a Unix socket the first one after
   * a selected task has come to use it.
   */
  readonly offset: number;
  /** It is not sure that the other end counts the same offset: a Unix socket with bytes under way when that was. */
  readonly unaligned?: boolean;
  /** Address of what the process's runtime ran on the thread (a `g` of Go); a send may be for another one than the one
   * that made the call. 0 where that is not known. */
  readonly context: number;
  /** Bytes moved. A receive of none came to the end of the stream, or found the connection broken. */
  readonly length: number;
  /** The first bytes, `head.length <= length`. */
  readonly head: Uint8Array;
  /** The last bytes, those that `head` does not already hold: what lies between is not captured. */
  readonly tail: Uint8Array;
  /** A send: when the call copied its first byte. A receive: the same as `end`. */
  readonly begin: Nanos;
  /** When the call was done; for a send that was copied in one go, the same as `begin`. */
  readonly end: Nanos;
  /** When the kernel announced data to this socket for the first time since all before had been read; 0 when not known. */
  readonly arrival: Nanos;
  /** Segments retransmitted on this socket so far. */
  readonly retransmits: number;
}

/**
 * A connection's life, for sockets that an observed process uses. The first event of each is `opening` (SYN_SENT by the
 * thread that called connect; no local port and no sequence numbers yet) or `established`, which for an accepted socket
 * and for one older than the capture comes with its first use. `task` and `context` are of who opened it or used it first,
 * at `closed` too. `closed` is when this end closes both directions or lets go of a broken connection, or could not open
 * it; what the kernel still sends afterwards is not waited for.
 */
export interface ConnectionEvent {
  readonly type: 'connection';
  readonly state: 'opening' | 'established' | 'closed';
  readonly task: TaskId;
  readonly socket: Socket;
  readonly context: number;
  readonly localIsn: number;
  readonly remoteIsn: number;
  readonly at: Nanos;
}

/** A process started listening. */
export interface ListenEvent {
  readonly type: 'listen';
  readonly task: TaskId;
  readonly address: string;
  readonly port: number;
  readonly netns: number;
  readonly at: Nanos;
}

export interface ProcessExecEvent {
  readonly type: 'exec';
  readonly task: TaskId;
  readonly at: Nanos;
}

export interface ProcessForkEvent {
  readonly type: 'fork';
  readonly task: TaskId;
  readonly childPid: number;
  readonly childStart: number;
  readonly at: Nanos;
}

export interface ProcessExitEvent {
  readonly type: 'exit';
  readonly task: TaskId;
  readonly at: Nanos;
}

/** A thread of an observed process ended and the process lives on. */
export interface ThreadExitEvent {
  readonly type: 'thread_exit';
  readonly task: TaskId;
  readonly at: Nanos;
}

export interface RetransmitEvent {
  readonly type: 'retransmit';
  readonly socket: Socket;
  readonly at: Nanos;
}

/**
 * An execution context of a runtime, a goroutine, begins or has ended. It is named by an address, which from a `begun` on
 * stands for another one than before.
 */
export interface ContextEvent {
  readonly type: 'context';
  readonly state: 'begun' | 'ended';
  readonly task: TaskId;
  readonly context: number;
  /** Who made it; 0 at `ended`. */
  readonly parent: number;
  /** Address of the function it was made to run; 0 where that is not known, and at `ended`. */
  readonly origin: number;
  readonly at: Nanos;
}

/** A Unix socket that a look at all of those followed has met. */
export interface UnixAliveEvent {
  readonly type: 'unix_alive';
  readonly cookie: number;
  readonly at: Nanos;
}

/** The end of that look, which met `count`: the others are gone. */
export interface UnixSweptEvent {
  readonly type: 'unix_swept';
  readonly count: number;
  readonly at: Nanos;
}

/**
 * A thread that has read on a connection it called out on, and not written on one since, wakes another of its process
 * out of futex(2).
 */
export interface WakeEvent {
  readonly type: 'wake';
  readonly task: TaskId;
  readonly wokenTid: number;
  readonly wokenStart: number;
  /** The operation that the woken thread had called futex(2) with, flags included (linux/futex.h). */
  readonly waitOperation: number;
  /** That wait had a time limit. */
  readonly timed: boolean;
  readonly at: Nanos;
}

/** A thread of an observed process made another. */
export interface ThreadStartEvent {
  readonly type: 'thread_start';
  readonly task: TaskId;
  readonly childTid: number;
  readonly childStart: number;
  readonly at: Nanos;
}

/** Records that found the ring full. */
export interface LostEvent {
  readonly type: 'lost';
  readonly count: number;
  readonly at: Nanos;
}
