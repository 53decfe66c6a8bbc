import type { Nanos } from '../../../collector/clock.ts';
import type { Counters } from '../../../collector/counters.ts';
import type { Activity, Execution, Process, Side, Thread } from '../exchange.ts';
import type {
  CaptureEvent,
  ConnectionEvent,
  ContextEvent,
  Message,
  Socket,
  TaskId,
  ThreadStartEvent,
  UnixSweptEvent,
  WakeEvent,
} from '../message.ts';
import type { ProcessFacts } from '../process/facts.ts';
import { TrackedConnection, type TrackerContext } from './connection.ts';
import { Connections } from './connections.ts';
import { Contexts } from './contexts.ts';
import { UnixSweep } from './unix-sweep.ts';

/** A connection whose end was lost is forgotten after this long without a message. */
const IDLE_LIMIT: Nanos = 600e9;
const SWEEP_INTERVAL: Nanos = 60e9;

interface KnownThread extends Thread {
  /** Tells a reused number apart. */
  readonly start: number;
}

interface KnownProcess {
  readonly process: Process;
  /** It runs another program by now; what that is has not been told yet. */
  executed: boolean;
  readonly threads: Map<number, KnownThread>;
  readonly contexts: Contexts;
}

/**
 * Turns kernel records into activities: finds the process, thread and connection of each and lets the connection do
 * the rest. Holds no clock: time is that of the records.
 */
export class Tracker {
  readonly #processes = new Map<number, KnownProcess>();
  readonly #connections = new Connections();
  readonly #context: TrackerContext;
  readonly #counters: Counters;
  readonly #messages;
  readonly #lost;
  readonly #unknown;
  readonly #unixSockets = new UnixSweep();
  #activities: Activity[] = [];
  #lastSweep: Nanos = 0;
  #now: Nanos = 0;

  constructor(counters: Counters, receiver: string) {
    const labels = { receiver };
    this.#counters = counters;
    this.#messages = counters.counter('spanloom_ebpf_messages', labels);
    this.#lost = counters.counter('spanloom_ebpf_lost_events', labels);
    this.#unknown = counters.counter('spanloom_ebpf_unknown_process_messages', labels);
    this.#context = {
      call: undefined,
      toldOfCall: false,
      emit: (activity) => this.#activities.push(activity),
      ignored: (reason) => {
        this.#counters.counter('spanloom_ebpf_ignored_connections', { ...labels, reason }).value++;
      },
      incomplete: (reason) => {
        this.#counters.counter('spanloom_ebpf_incomplete_exchanges', { ...labels, reason }).value++;
      },
      gaps: counters.counter('spanloom_ebpf_gaps', labels),
    };
  }

  /** What happened since the last call, in order. */
  take(): Activity[] {
    const activities = this.#activities;
    this.#activities = [];
    this.#sweep();
    return activities;
  }

  process(facts: ProcessFacts): void {
    const known = this.#processes.get(facts.pid);
    const same = known?.process.facts.startTime === facts.startTime;
    if (same && !known!.executed) {
      known!.process.facts = facts;
      this.#activities.push({ type: 'process', process: known!.process, at: this.#now });
      return;
    }
    if (known && !same) this.#exit(known, facts.pid, this.#now);
    const process: Process = { facts };
    this.#processes.set(facts.pid, {
      process,
      threads: new Map(),
      contexts: new Contexts(process),
      executed: false,
    });
    this.#activities.push({ type: 'process', process, at: this.#now });
    if (known && same) this.#replaced(known.process, process);
  }

  /** A program took the place of another, with the connections that it was left: what began before is the old one's. */
  #replaced(before: Process, now: Process): void {
    const at = this.#now;
    for (const connection of this.#connections.of(before)) {
      this.#connections.take(connection, now);
      this.#activities.push({
        type: 'connection',
        state: 'open',
        socket: connection.socket,
        process: now,
        at,
      });
    }
    this.#activities.push({ type: 'process_exit', process: before, at });
  }

  event(event: CaptureEvent): void {
    if ('at' in event) this.#now = Math.max(this.#now, event.at);
    switch (event.type) {
      case 'message':
        this.#message(event);
        return;
      case 'connection':
        this.#connection(event);
        return;
      case 'exec': {
        const known = this.#processes.get(event.task.pid);
        if (known) known.executed = true;
        return;
      }
      case 'exit': {
        const known = this.#processes.get(event.task.pid);
        if (known) this.#exit(known, event.task.pid, event.at);
        return;
      }
      case 'wake':
      case 'thread_start':
        this.#betweenThreads(event);
        return;
      case 'thread_exit': {
        const threads = this.#processes.get(event.task.pid)?.threads;
        const thread = threads?.get(event.task.tid);
        if (!thread) return;
        threads!.delete(event.task.tid);
        this.#activities.push({ type: 'thread_exit', thread, at: event.at });
        return;
      }
      case 'context':
        this.#contextChanged(event);
        return;
      case 'lost':
        this.#lost.value += event.count;
        for (const { contexts } of this.#processes.values()) contexts.forget();
        return;
      case 'unix_alive':
        this.#unixSockets.alive(event);
        return;
      case 'unix_swept':
        this.#unixSwept(event);
        return;
      case 'listen':
      case 'fork':
      case 'retransmit':
        return;
      default:
        event satisfies never;
    }
  }

  #betweenThreads(event: WakeEvent | ThreadStartEvent): void {
    const known = this.#processes.get(event.task.pid);
    if (!known) return;
    const { task, at } = event;
    const thread = threadOf(known, task);
    const other = (tid: number, threadStart: number) => threadOf(known, { ...task, tid, threadStart });
    if (event.type === 'thread_start') {
      const started = other(event.childTid, event.childStart);
      this.#activities.push({ type: 'thread_start', thread, started, at });
    } else {
      const { waitOperation, timed } = event;
      const woken = other(event.wokenTid, event.wokenStart);
      this.#activities.push({ type: 'wake', thread, woken, waitOperation, timed, at });
    }
  }

  /** Ends what is still open: nothing more will be observed. */
  shutdown(): void {
    for (const connection of this.#connections) {
      connection.closed(this.#now, 'shutdown');
      this.#connections.delete(connection);
    }
  }

  #message(message: Message): void {
    this.#messages.value++;
    this.#now = Math.max(this.#now, message.end);
    const by = this.#execution(message);
    if (!by) {
      this.#unknown.value++;
      return;
    }
    if (message.length === 0) {
      this.#connections.get(message.socket.cookie)?.readOut(message, by);
      return;
    }
    this.#known(message.socket, by.thread.process, message.end).message(message, by);
  }

  #connection(event: ConnectionEvent): void {
    if (event.state === 'closed') {
      const known = this.#connections.get(event.socket.cookie);
      if (known) this.#close(known, event.at);
      return;
    }
    if (event.state === 'opening') {
      const by = this.#execution(event);
      // The socket has no local port yet, so that it is not followed before its first message.
      if (by) this.#activities.push({ type: 'connect', socket: event.socket, ...by, at: event.at });
    }
  }

  #close(connection: TrackedConnection, at: Nanos): void {
    const { process, socket } = connection;
    this.#connections.delete(connection);
    connection.closed(at, 'connection_closed');
    if (process) this.#activities.push({ type: 'connection', state: 'closed', socket, process, at });
  }

  #unixSwept(event: UnixSweptEvent): void {
    const alive = this.#unixSockets.swept(event);
    if (!alive) return;
    for (const connection of this.#connections) {
      const { socket, lastActive } = connection;
      if (socket.path !== undefined && lastActive < alive.since && !alive.cookies.has(socket.cookie))
        this.#close(connection, event.at);
    }
  }

  /** The connection of a socket; whose it is is said when it is first seen and when it changes hands. */
  #known(socket: Socket, process: Process, at: Nanos): TrackedConnection {
    let known = this.#connections.get(socket.cookie);
    if (!known) {
      known = new TrackedConnection(socket, sideOf(socket, process), this.#context);
      this.#connections.add(known);
    }
    if (known.process !== process) {
      this.#connections.take(known, process);
      this.#activities.push({ type: 'connection', state: 'open', socket, process, at });
    }
    return known;
  }

  #contextChanged({ task, state, context: address, parent, origin, at }: ContextEvent): void {
    const contexts = this.#processes.get(task.pid)?.contexts;
    const context =
      state === 'begun' ? contexts?.begun(address, parent, origin, at) : contexts?.ended(address);
    if (context) this.#activities.push({ type: 'context', state, context, at });
  }

  #execution({ task, context }: Message | ConnectionEvent): Execution | undefined {
    const known = this.#processes.get(task.pid);
    return known && { thread: threadOf(known, task), context: known.contexts.at(context) };
  }

  #exit(known: KnownProcess, pid: number, at: Nanos): void {
    this.#processes.delete(pid);
    for (const connection of this.#connections.of(known.process)) {
      connection.closed(at, 'process_exit');
      this.#connections.delete(connection);
    }
    this.#activities.push({ type: 'process_exit', process: known.process, at });
  }

  #sweep(): void {
    if (this.#now - this.#lastSweep < SWEEP_INTERVAL) return;
    this.#lastSweep = this.#now;
    for (const connection of this.#connections) {
      const { idle, lastActive } = connection;
      if (idle && this.#now - lastActive > IDLE_LIMIT) this.#connections.delete(connection);
    }
  }
}

function threadOf({ process, threads }: KnownProcess, { tid, threadStart }: TaskId): Thread {
  const known = threads.get(tid);
  if (known?.start === threadStart) return known;
  const thread: KnownThread = { process, tid, start: threadStart };
  threads.set(tid, thread);
  return thread;
}

/** Which end this is, where the handshake or a listening port tells; otherwise what is said decides. */
function sideOf(socket: Socket, process: Process): Side | undefined {
  if (socket.accepted !== undefined) return socket.accepted ? 'server' : 'client';
  if (socket.path !== undefined) return undefined;
  return process.facts.listeningPorts.includes(socket.localPort) ? 'server' : undefined;
}
