import type { Nanos } from '../../src/collector/clock.ts';
import type { CaptureEvent, TaskId } from '../../src/receiver/ebpf/message.ts';
import type { ProcessFacts } from '../../src/receiver/ebpf/process/facts.ts';
import { PlayedConnection, processFacts } from './events.ts';
import { PlayedExport, PlayedTrace } from './sdk-export.ts';

/** How the open requests lie over processes and threads. */
export const SHAPES = {
  threads: 'one process, a thread a request',
  loop: 'one process, one thread for all requests',
  pool: 'one process, a thread a request, calls made by 16 workers',
  processes: 'ten requests a process, a thread each; every 100th request its process ends and another starts',
  mixed: 'the same, and every second process has an SDK, whose spans and headers come as well',
} as const;

export type Shape = keyof typeof SHAPES;

/** Where what happens is told. */
export interface Stage {
  process(facts: ProcessFacts): void;
  event(event: CaptureEvent): void;
  otlp(body: Uint8Array): void;
}

const WORKERS = 16;
const REQUESTS_A_PROCESS = 10;
/** Requests between the end of a process and the next. */
const LIFE = 100;
/** Of so many requests one is followed by another on a new connection. */
const KEEP_ALIVE = 10;

const RESPONSE = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
const FUTEX_WAIT_BITSET_PRIVATE = 137;

/** Something with one request open at all times. */
interface Slot {
  readonly task: TaskId;
  /** Who makes its calls. */
  readonly caller: TaskId;
  readonly hasSdk: boolean;
  incoming: PlayedConnection;
  outgoing: PlayedConnection;
  trace: PlayedTrace | undefined;
}

/** A constant number of open requests; each step one of them makes its call, is answered, and the next is read. */
export class Load {
  readonly #shape: Shape;
  readonly #stage: Stage;
  readonly #slots: Slot[] = [];
  readonly #workers: TaskId[];
  readonly #export: PlayedExport;
  #pid: number;
  #numbers = 0;
  #steps = 0;

  constructor(shape: Shape, requests: number, epochUnixNano: bigint, stage: Stage) {
    this.#shape = shape;
    this.#stage = stage;
    this.#export = new PlayedExport(epochUnixNano);
    this.#pid = this.#newProcess();
    this.#workers = Array.from({ length: WORKERS }, () => this.#newTask());
    for (let i = 0; i < requests; i++) this.#slots.push(this.#newSlot(i, 0));
  }

  /** What begins it: every request is read. */
  begin(at: Nanos): void {
    for (const slot of this.#slots) this.#read(slot, at);
  }

  step(at: Nanos): void {
    const n = this.#steps++ % this.#slots.length;
    const slot = this.#slots[n]!;
    const { caller, incoming, outgoing, task, trace } = slot;
    const stage = this.#stage;
    stage.event(outgoing.message(caller, 'send', this.#request(trace?.outgoing), at));
    stage.event(outgoing.message(caller, 'receive', RESPONSE, at + 1000));
    if (caller !== task)
      stage.event({
        type: 'wake',
        task: caller,
        wokenTid: task.tid,
        wokenStart: task.threadStart,
        waitOperation: FUTEX_WAIT_BITSET_PRIVATE,
        timed: false,
        at: at + 2000,
      });
    stage.event(incoming.message(task, 'send', RESPONSE, at + 3000));
    if (trace) this.#export.add(trace, task.pid, at, at + 3000);
    if (this.#manyProcesses && n % REQUESTS_A_PROCESS === REQUESTS_A_PROCESS - 1) this.#deliver();
    if (this.#manyProcesses && this.#steps % LIFE === 0) this.#replace(n, at + 4000);
    else {
      if (this.#steps % KEEP_ALIVE === 0) this.#reconnect(slot, at + 3500);
      this.#read(slot, at + 4000);
    }
  }

  /** Nothing more comes: what is open stays so. */
  end(): void {
    this.#slots.length = 0;
  }

  get #manyProcesses(): boolean {
    return this.#shape === 'processes' || this.#shape === 'mixed';
  }

  #deliver(): void {
    const body = this.#export.take();
    if (body) this.#stage.otlp(body);
  }

  #reconnect(slot: Slot, at: Nanos): void {
    this.#stage.event(slot.incoming.closed(slot.task, at));
    this.#stage.event(slot.outgoing.closed(slot.task, at));
    slot.incoming = this.#newConnection(true, at);
    slot.outgoing = this.#newConnection(false, at);
  }

  /** The process of this slot ends with what it has open, and another takes its place. */
  #replace(n: number, at: Nanos): void {
    const first = n - (n % REQUESTS_A_PROCESS);
    const end = Math.min(first + REQUESTS_A_PROCESS, this.#slots.length);
    this.#stage.event({ type: 'exit', task: this.#slots[n]!.task, at });
    for (let i = first; i < end; i++) {
      const slot = this.#newSlot(i, at);
      this.#slots[i] = slot;
      this.#read(slot, at);
    }
  }

  #read(slot: Slot, at: Nanos): void {
    if (slot.hasSdk) slot.trace = new PlayedTrace(++this.#numbers);
    const request = this.#request(slot.trace?.incoming);
    this.#stage.event(slot.incoming.message(slot.task, 'receive', request, at));
  }

  #request(header = ''): Uint8Array {
    const id = ++this.#numbers;
    return Buffer.from(
      `GET /orders/17 HTTP/1.1\r\nHost: shop:8080\r\nx-request-id: ${id}\r\n${header}\r\n`,
      'latin1',
    );
  }

  #newSlot(i: number, at: Nanos): Slot {
    if (this.#manyProcesses && i % REQUESTS_A_PROCESS === 0) this.#pid = this.#newProcess();
    const task = this.#shape === 'loop' ? this.#workers[0]! : this.#newTask();
    return {
      task,
      caller: this.#shape === 'pool' ? this.#workers[i % WORKERS]! : task,
      hasSdk: this.#shape === 'mixed' && Math.floor(i / REQUESTS_A_PROCESS) % 2 === 0,
      incoming: this.#newConnection(true, at),
      outgoing: this.#newConnection(false, at),
      trace: undefined,
    };
  }

  #newTask(): TaskId {
    const tid = ++this.#numbers;
    return { pid: this.#pid, processStart: this.#pid, tid, threadStart: tid };
  }

  #newConnection(accepted: boolean, at: Nanos): PlayedConnection {
    return new PlayedConnection(++this.#numbers, accepted, at);
  }

  #newProcess(): number {
    const pid = ++this.#numbers;
    this.#stage.process(processFacts(pid));
    return pid;
  }
}
