import type { Nanos } from '../../src/collector/clock.ts';
import type {
  Connection,
  Exchange,
  Execution,
  ExecutionContext,
  Process,
  Side,
  Thread,
} from '../../src/receiver/ebpf/exchange.ts';
import type { Socket } from '../../src/receiver/ebpf/message.ts';
import type { Protocol, RequestFacts, ResponseFacts } from '../../src/receiver/ebpf/protocols/protocol.ts';
import type { Actor } from './actor.ts';

/** A connection between two programs, with both its ends. */
export class Wire {
  readonly clientEnd: Connection;
  readonly serverEnd: Connection;
  /** Offset of the next request in the client's stream. */
  position = 0;

  constructor(
    readonly client: Actor,
    readonly server: Actor,
    number: number,
    { path, since }: { readonly path?: string; readonly since?: Nanos } = {},
  ) {
    const isn = { isnLow: 1000 + number, isnHigh: 0x8000_0000 + number };
    const here = { address: '10.0.0.1', port: 30_000 + number };
    const there = { address: '10.0.0.2', port: server.port };
    const ends = [socket(2 * number, here, there, false), socket(2 * number + 1, there, here, true)] as const;
    const [clientSocket, serverSocket] = ends.map((end) => ({
      ...(path === undefined ? end : unixSocket(end, path)),
      ...(since !== undefined && { since }),
    }));
    this.clientEnd = { ...isn, side: 'client', socket: clientSocket! };
    this.serverEnd = { ...isn, side: 'server', socket: serverSocket! };
  }

  /** The client's port: what an SDK in the server sees of its peer. */
  get clientPort(): number {
    return this.clientEnd.socket.localPort;
  }
}

type Address = { readonly address: string; readonly port: number };

function socket(cookie: number, local: Address, remote: Address, accepted: boolean): Socket {
  return {
    cookie,
    localAddress: local.address,
    localPort: local.port,
    remoteAddress: remote.address,
    remotePort: remote.port,
    netns: 1,
    accepted,
  };
}

function unixSocket(end: Socket, path: string): Socket {
  const [localAddress, remoteAddress] = end.accepted ? [path, ''] : ['', path];
  return { ...end, path, localAddress, localPort: 0, remoteAddress, remotePort: 0 };
}

/** An exchange while the scene plays it. */
export class PlayedExchange implements Exchange {
  readonly side: Side;
  readonly process: Process;
  readonly thread: Thread;
  readonly context: ExecutionContext | undefined;
  response: ResponseFacts | undefined = undefined;
  responseStart: Nanos | undefined = undefined;
  end: Nanos | undefined = undefined;
  requestBytes = 100;
  responseBytes = 0;
  retransmits = 0;
  unaligned = false;
  incomplete: Exchange['incomplete'] = undefined;

  constructor(
    readonly connection: Connection,
    readonly position: number,
    readonly protocol: Protocol,
    readonly request: RequestFacts,
    by: Execution,
    readonly start: Nanos,
    readonly readAt: Nanos | undefined,
  ) {
    this.side = connection.side;
    this.process = by.thread.process;
    this.thread = by.thread;
    this.context = by.context;
  }
}
