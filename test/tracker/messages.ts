import type { Message, Socket, TaskId } from '../../src/receiver/ebpf/message.ts';
import type { ProcessFacts } from '../../src/receiver/ebpf/process/facts.ts';

export function facts(pid: number, more: Partial<ProcessFacts> = {}): ProcessFacts {
  return {
    pid,
    startTime: 1000 + pid,
    parentPid: 1,
    namespacePids: [pid],
    executablePath: `/usr/bin/program-${pid}`,
    commandArgs: [],
    owner: undefined,
    runtime: 'native',
    netns: 1,
    listeningPorts: [],
    containerId: undefined,
    resource: [['service.name', `service-${pid}`]],
    ...more,
  };
}

/** One end of a connection, for writing down what its calls moved. */
export class End {
  readonly socket: Socket;
  #sent = 0;
  #received = 0;

  constructor(
    readonly pid: number,
    accepted: boolean | undefined,
    options: EndOptions = {},
  ) {
    this.socket = {
      cookie: options.cookie ?? pid,
      ...(options.path !== undefined && { path: options.path }),
      localAddress: '127.0.0.1',
      localPort: options.localPort ?? (accepted ? 80 : 40000),
      remoteAddress: '127.0.0.1',
      remotePort: accepted ? 40000 : 80,
      netns: 1,
      accepted,
    };
    this.#sent = options.offsets ?? 0;
    this.#received = options.offsets ?? 0;
  }

  send(text: string, end: number, options: Options = {}): Message {
    const message = this.#message('send', text, this.#sent, end, options);
    this.#sent += message.length;
    return message;
  }

  receive(text: string, end: number, options: Options = {}): Message {
    const message = this.#message('receive', text, this.#received, end, options);
    this.#received += message.length;
    return message;
  }

  /** Bytes that no record tells of. */
  loseReceived(length: number): void {
    this.#received += length;
  }

  task(tid = this.pid): TaskId {
    return { pid: this.pid, processStart: 1000 + this.pid, tid, threadStart: 2000 + tid };
  }

  #message(
    direction: 'send' | 'receive',
    text: string,
    offset: number,
    end: number,
    options: Options,
  ): Message {
    const bytes = Buffer.from(text);
    const head = bytes.subarray(0, options.captured ?? bytes.length);
    return {
      type: 'message',
      task: this.task(options.tid),
      socket: this.socket,
      direction,
      localIsn: this.socket.accepted ? 7 : 3,
      remoteIsn: this.socket.accepted ? 3 : 7,
      offset,
      length: bytes.length,
      ...(options.unaligned && { unaligned: true }),
      head,
      tail: bytes.subarray(Math.max(head.length, bytes.length - (options.tail ?? 0))),
      begin: options.begin ?? end - 10,
      end,
      arrival: options.arrival ?? 0,
      context: options.context ?? 0,
      retransmits: options.retransmits ?? 0,
    };
  }
}

interface EndOptions {
  readonly cookie?: number;
  readonly offsets?: number;
  readonly localPort?: number;
  /** Of a Unix socket. */
  readonly path?: string;
}

interface Options {
  readonly unaligned?: boolean;
  readonly tid?: number;
  readonly context?: number;
  readonly begin?: number;
  readonly arrival?: number;
  readonly retransmits?: number;
  /** Bytes captured at the head; all by default. */
  readonly captured?: number;
  /** Bytes captured at the end. */
  readonly tail?: number;
}
