import type { Nanos } from '../../src/collector/clock.ts';
import type { Activity, Connection, Exchange, Process, Thread } from '../../src/receiver/ebpf/exchange.ts';
import { parseTarget } from '../../src/receiver/ebpf/protocols/http/facts.ts';
import { http } from '../../src/receiver/ebpf/protocols/http.ts';

/** Something with one request open at all times. */
interface Slot {
  readonly thread: Thread;
  /** Who makes its calls. */
  readonly caller: Thread;
  readonly incoming: Connection;
  readonly outgoing: Connection;
  position: number;
  open: PlayedExchange | undefined;
}

class PlayedExchange implements Exchange {
  readonly side;
  readonly process;
  readonly protocol = http;
  readonly readAt;
  response: Exchange['response'] = undefined;
  responseStart: Nanos | undefined = undefined;
  end: Nanos | undefined = undefined;
  readonly requestBytes = 100;
  readonly responseBytes = 100;
  readonly retransmits = 0;
  readonly incomplete = undefined;

  constructor(
    readonly connection: Connection,
    readonly position: number,
    readonly thread: Thread,
    readonly request: NonNullable<Exchange['request']>,
    readonly start: Nanos,
  ) {
    this.side = connection.side;
    this.process = thread.process;
    this.readAt = start;
  }
}

/** How the open requests lie over processes and threads. */
export const SHAPES = {
  threads: 'one process, a thread a request',
  loop: 'one process, one thread for all requests',
  pool: 'one process, a thread a request, calls made by 16 workers',
  processes: 'ten requests a process, a thread each; processes end and others start',
} as const;

export type Shape = keyof typeof SHAPES;

const WORKERS = 16;
const REQUESTS_A_PROCESS = 10;
/** In `processes`, requests between the end of a process and the next. */
const LIFE = 1000;

const REQUEST = {
  protocol: 'http',
  operation: 'GET',
  ...parseTarget('/orders/17', 'GET'),
  context: { complete: true },
  requestIds: [['x-request-id', '']],
  isTelemetryExport: false,
} satisfies NonNullable<Exchange['request']> & Record<string, unknown>;

const RESPONSE = { protocol: 'http', status: 200, failed: false, bodySize: undefined };

/** A constant number of open requests; each step one of them makes its call, is answered, and the next is read. */
export class Load {
  readonly #shape: Shape;
  readonly #slots: Slot[] = [];
  readonly #workers: Thread[];
  #process: Process;
  #numbers = 0;
  #steps = 0;

  constructor(shape: Shape, requests: number) {
    this.#shape = shape;
    this.#process = this.#newProcess();
    this.#workers = Array.from({ length: WORKERS }, () => this.#newThread());
    for (let i = 0; i < requests; i++) this.#slots.push(this.#newSlot(i));
  }

  /** What begins it: every request is read. */
  begin(at: Nanos): Activity[] {
    return this.#slots.map((slot) => this.#read(slot, at));
  }

  step(at: Nanos): Activity[] {
    const n = this.#steps++ % this.#slots.length;
    const slot = this.#slots[n]!;
    const { open: request, caller, thread } = slot;
    const id = REQUEST.requestIds[0]![0]!;
    const call = new PlayedExchange(
      slot.outgoing,
      slot.position,
      caller,
      { ...REQUEST, requestIds: [[id, String(this.#numbers++)]] } as typeof REQUEST,
      at,
    );
    const done: Activity[] = [{ type: 'request', exchange: call, thread: caller, at }];
    done.push(...answered(call, caller, at + 1000));
    if (caller !== thread)
      done.push({
        type: 'wake',
        thread: caller,
        woken: thread,
        waitOperation: 137,
        timed: false,
        at: at + 2000,
      });
    done.push(...answered(request!, thread, at + 3000));
    if (this.#shape === 'processes' && this.#steps % LIFE === 0) done.push(...this.#replace(n, at + 4000));
    else done.push(this.#read(slot, at + 4000));
    return done;
  }

  /** The process of this slot ends with what it has open, and another takes its place. */
  #replace(n: number, at: Nanos): Activity[] {
    const first = n - (n % REQUESTS_A_PROCESS);
    const done: Activity[] = [];
    const { process } = this.#slots[n]!.thread;
    for (let i = first; i < Math.min(first + REQUESTS_A_PROCESS, this.#slots.length); i++) {
      const { open } = this.#slots[i]!;
      if (open && open.end === undefined) {
        open.end = at;
        done.push({ type: 'end', exchange: open, thread: undefined, at });
      }
    }
    done.push({ type: 'process_exit', process, at });
    for (let i = first; i < Math.min(first + REQUESTS_A_PROCESS, this.#slots.length); i++) {
      const slot = this.#newSlot(i);
      this.#slots[i] = slot;
      done.push(this.#read(slot, at));
    }
    return done;
  }

  #read(slot: Slot, at: Nanos): Activity {
    slot.position += 100;
    const requestIds = [['x-request-id', String(this.#numbers++)]];
    const request = { ...REQUEST, requestIds } as typeof REQUEST;
    const exchange = new PlayedExchange(slot.incoming, slot.position, slot.thread, request, at);
    slot.open = exchange;
    return { type: 'request', exchange, thread: slot.thread, at };
  }

  #newSlot(i: number): Slot {
    if (this.#shape === 'processes' && i % REQUESTS_A_PROCESS === 0) this.#process = this.#newProcess();
    const thread = this.#shape === 'loop' ? this.#workers[0]! : this.#newThread();
    const caller = this.#shape === 'pool' ? this.#workers[i % WORKERS]! : thread;
    return {
      thread,
      caller,
      incoming: this.#newConnection('server'),
      outgoing: this.#newConnection('client'),
      position: 0,
      open: undefined,
    };
  }

  #newThread(): Thread {
    return { process: this.#process, tid: ++this.#numbers };
  }

  #newConnection(side: 'client' | 'server'): Connection {
    const number = ++this.#numbers;
    const address = { localAddress: '10.0.0.1', remoteAddress: '10.0.0.2' };
    const ports = { localPort: 8080, remotePort: 1024 + (number % 60_000) };
    const socket = { cookie: number, ...address, ...ports, netns: 1, accepted: side === 'server' };
    return { isnLow: number, isnHigh: 0x8000_0000 + number, side, socket };
  }

  #newProcess(): Process {
    const pid = ++this.#numbers;
    return {
      facts: {
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
      },
    };
  }
}

function answered(exchange: PlayedExchange, thread: Thread, at: Nanos): Activity[] {
  exchange.response = RESPONSE;
  exchange.responseStart = at;
  exchange.end = at;
  return [
    { type: 'response', exchange, thread, at },
    { type: 'end', exchange, thread, at },
  ];
}
