import type { Nanos } from '../../src/collector/clock.ts';
import type { CaptureEvent, Message, Socket, TaskId } from '../../src/receiver/ebpf/message.ts';
import type { ProcessFacts } from '../../src/receiver/ebpf/process/facts.ts';

const NO_BYTES = new Uint8Array();

/** One end of a connection, and how much has passed in each direction. */
export class PlayedConnection {
  readonly socket: Socket;
  #received = 0;
  #sent = 0;

  constructor(cookie: number, accepted: boolean, since: Nanos) {
    const ephemeral = 1024 + (cookie % 60_000);
    this.socket = {
      cookie,
      localAddress: '10.0.0.1',
      localPort: accepted ? 8080 : ephemeral,
      remoteAddress: '10.0.0.2',
      remotePort: accepted ? ephemeral : 9090,
      netns: 1,
      accepted,
      since,
    };
  }

  message(task: TaskId, direction: Message['direction'], head: Uint8Array, at: Nanos): Message {
    const offset = direction === 'receive' ? this.#received : this.#sent;
    if (direction === 'receive') this.#received += head.length;
    else this.#sent += head.length;
    const { cookie } = this.socket;
    return {
      type: 'message',
      task,
      socket: this.socket,
      direction,
      localIsn: cookie,
      remoteIsn: 0x8000_0000 + cookie,
      offset,
      context: 0,
      length: head.length,
      head,
      tail: NO_BYTES,
      begin: at,
      end: at,
      arrival: direction === 'receive' ? at : 0,
      retransmits: 0,
    };
  }

  closed(task: TaskId, at: Nanos): CaptureEvent {
    const { cookie } = this.socket;
    return {
      type: 'connection',
      state: 'closed',
      task,
      socket: this.socket,
      context: 0,
      localIsn: cookie,
      remoteIsn: 0x8000_0000 + cookie,
      at,
    };
  }
}

export function processFacts(pid: number): ProcessFacts {
  return {
    pid,
    startTime: pid,
    parentPid: 1,
    namespacePids: [pid],
    executablePath: '/usr/bin/shop',
    commandArgs: ['shop'],
    owner: undefined,
    runtime: 'native',
    netns: 1,
    listeningPorts: [8080],
    containerId: undefined,
    resource: [
      ['service.name', 'shop'],
      ['process.pid', pid],
    ],
  };
}
