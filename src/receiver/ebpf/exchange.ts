import type { Nanos } from '../../collector/clock.ts';
import type { Socket } from './message.ts';
import type { ProcessFacts } from './process/facts.ts';
import type { ExchangeSink, Protocol, RequestFacts, ResponseFacts } from './protocols/protocol.ts';

export type Side = 'client' | 'server';

/**
 * An observed process; one object as long as it runs one program, so that it can be compared by identity. What is known
 * of it is replaced when it changes: another port, another title.
 */
export interface Process {
  facts: ProcessFacts;
}

/** A thread of an observed process; one object as long as it lives. */
export interface Thread {
  readonly process: Process;
  readonly tid: number;
}

/**
 * What a runtime that schedules work of its own runs on its threads: a goroutine. One object a life, although the runtime
 * uses its memory again for others; one that began before the capture has no parent.
 */
export interface ExecutionContext {
  readonly process: Process;
  /** Who made it; undefined where that is not known, or was too many lives ago to matter. */
  readonly parent: ExecutionContext | undefined;
  /** Address of the function it was made to run: contexts of one kind share it. 0 where that is not known. */
  readonly origin: number;
  /** When it was made; undefined where that was not seen. */
  readonly since: Nanos | undefined;
}

/** Who does something: a thread, and what a runtime runs on it, where that is known. */
export interface Execution {
  readonly thread: Thread;
  readonly context?: ExecutionContext | undefined;
}

/**
 * One end of a connection.
 *
 * Its name is made of the two initial sequence numbers, so that both ends, behind NAT and in any network
 * namespace, compute the same name without talking to each other. For Unix sockets two halves of a hash stand for them:
 * of boot id, both sockets' cookies and the time they were first seen.
 */
export interface Connection {
  /** The lower of the two initial sequence numbers. */
  readonly isnLow: number;
  /** The higher of the two. */
  readonly isnHigh: number;
  readonly side: Side;
  readonly socket: Socket;
}

/**
 * One request and its response on one connection, seen from one side: the unit that becomes a span. It is filled in
 * as messages arrive; the activities below say when.
 */
export interface Exchange {
  readonly connection: Connection;
  readonly side: Side;
  /** Offset of the request's first byte in the requester's stream: with connection and side, the exchange's name. */
  readonly position: number;
  /** The other end may count its position differently: it is not looked for. */
  readonly unaligned?: boolean;
  readonly process: Process;
  /** Where the request was read (server) or written (client). */
  readonly thread: Thread;
  readonly context?: ExecutionContext | undefined;
  readonly protocol: Protocol;
  /** What the request says; undefined until its head is complete or known to be cut. */
  readonly request: RequestFacts | undefined;
  readonly response: ResponseFacts | undefined;
  /** Client: begin of the call that wrote the first byte. Server: when the first byte was announced, or read. */
  readonly start: Nanos;
  /** Server: when the program read the first byte; `start` until then is the time the request waited to be read. */
  readonly readAt: Nanos | undefined;
  readonly responseStart: Nanos | undefined;
  /** Last byte of the response; undefined while open. */
  readonly end: Nanos | undefined;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Segments retransmitted on this socket during the exchange. */
  readonly retransmits: number;
  /** Set when the exchange can no longer end by itself. */
  readonly incomplete: 'connection_closed' | 'process_exit' | 'gap' | 'shutdown' | undefined;
}

/** Why nothing (more) of a connection is read. */
export type UnreadReason = Parameters<ExchangeSink['stop']>[0] | 'http2' | 'unrecognised';

/**
 * What an observed thread did, in the order of the kernel's records. Link rules live on this stream: the order of
 * reads and outcomes on a thread is evidence even where it moved nothing that starts an exchange.
 */
export type Activity =
  | {
      /** `request`: the head of a request is complete (server: was read; client: was written). */
      readonly type: 'request';
      readonly exchange: Exchange;
      readonly thread: Thread;
      readonly context?: ExecutionContext | undefined;
      readonly at: Nanos;
    }
  | {
      /** Some bytes of the exchange were read or written: before `request` for a head in several calls, or after. */
      readonly type: 'transfer';
      readonly direction: 'receive' | 'send';
      readonly exchange: Exchange;
      readonly thread: Thread;
      readonly context?: ExecutionContext | undefined;
      readonly at: Nanos;
    }
  | {
      /** First bytes of the response (server: written; client: read). */
      readonly type: 'response';
      readonly exchange: Exchange;
      readonly thread: Thread;
      readonly context?: ExecutionContext | undefined;
      readonly at: Nanos;
    }
  | {
      /**
       * The exchange is over. `thread` read or wrote its last bytes, or found that no answer will come; it is missing where no
       * call ended it (connection closed, shutdown).
       */
      readonly type: 'end';
      readonly exchange: Exchange;
      readonly thread: Thread | undefined;
      readonly context?: ExecutionContext | undefined;
      readonly at: Nanos;
    }
  | {
      /** What looked like an exchange was none (a subscription, connection set-up): forget it. */
      readonly type: 'discard';
      readonly exchange: Exchange;
      readonly at: Nanos;
    }
  | {
      /**
       * Bytes on a connection older than the capture before its first request: of an exchange that was under way and is
       * not followed. What the thread does about it has a cause, or is an answer, all the same.
       */
      readonly type: 'unfollowed';
      readonly direction: 'receive' | 'send';
      readonly side: Side;
      readonly socket: Socket;
      readonly thread: Thread;
      readonly context?: ExecutionContext | undefined;
      readonly at: Nanos;
    }
  | {
      /** The thread called connect: the first call on this socket belongs to what the thread was doing then. */
      readonly type: 'connect';
      readonly socket: Socket;
      readonly thread: Thread;
      readonly context?: ExecutionContext | undefined;
      readonly at: Nanos;
    }
  | {
      /** An observed process holds this end of a connection: tells who delivered an OTLP batch. */
      readonly type: 'connection';
      readonly state: 'open' | 'closed';
      readonly socket: Socket;
      readonly process: Process;
      readonly at: Nanos;
    }
  | {
      /** What `context.parent` made begins, or has ended. */
      readonly type: 'context';
      readonly state: 'begun' | 'ended';
      readonly context: ExecutionContext;
      readonly at: Nanos;
    }
  | {
      /** From here on nothing of this connection is read: what it speaks is encrypted, or not known. */
      readonly type: 'unread';
      readonly reason: UnreadReason;
      readonly socket: Socket;
      readonly process: Process;
      readonly at: Nanos;
    }
  | {
      /** The thread, done with reading the answer to a call of its own, woke another out of futex(2). */
      readonly type: 'wake';
      readonly thread: Thread;
      readonly woken: Thread;
      /** The operation of the wait that this ended, flags included (linux/futex.h). */
      readonly waitOperation: number;
      /** That wait had a time limit. */
      readonly timed: boolean;
      readonly at: Nanos;
    }
  | {
      /** The thread made another. */
      readonly type: 'thread_start';
      readonly thread: Thread;
      readonly started: Thread;
      readonly at: Nanos;
    }
  | {
      /** A process is observed from now on, or more is known of it, or something else. */
      readonly type: 'process';
      readonly process: Process;
      readonly at: Nanos;
    }
  | { readonly type: 'process_exit'; readonly process: Process; readonly at: Nanos }
  | { readonly type: 'thread_exit'; readonly thread: Thread; readonly at: Nanos };
