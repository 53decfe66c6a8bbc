import type { Thread } from '../../src/receiver/ebpf/exchange.ts';
import type { Actor, ActorOptions } from './actor.ts';
import type { Random } from './random.ts';
import { type Call, command, type Scene } from './scene.ts';
import type { Wire } from './wire.ts';

/** How pthread_cond_wait and pthread_mutex_lock of glibc wait (linux/futex.h). */
export const CONDITION_WAIT = 9 | 128;
export const MUTEX_WAIT = 0 | 128;

/** A thread ends the wait of another. */
export function wake(
  scene: Scene,
  actor: Actor,
  thread: Thread,
  woken: Thread,
  waitOperation = CONDITION_WAIT,
  timed = false,
): void {
  scene.did(actor, { type: 'wake', thread, woken, waitOperation, timed, at: scene.tick() });
}

/** What a simulated program with a thread pool does, decided by chance. */
export interface PoolOptions extends ActorOptions {
  readonly requests: number;
  readonly concurrency: number;
  readonly workers: number;
  /** `wait`: the request's thread waits for the worker's result and answers; `hand_over`: the worker answers. */
  readonly style: 'wait' | 'hand_over';
  /** Calls of a job. */
  readonly calls: () => number;
  /** Jobs for each request that call and of which nobody awaits a result. */
  readonly background: number;
  /** Chance that a worker, after a call, wakes the thread of some other request. */
  readonly strays: number;
  /** Chance that a worker wakes the request's thread also when it begins the job. */
  readonly begins: number;
  /** Chance that a result finds nobody asleep, so that nobody is woken. */
  readonly awake: number;
}

interface Job {
  /** Undefined for a background job. */
  readonly request: Call | undefined;
  readonly reader: Thread;
}

/** A program whose requests are read by threads of their own and worked on by a few workers; it knows what caused what. */
export class WorkerPool {
  readonly server: Actor;
  /** The request each call was made for; undefined for background calls. */
  readonly causes = new Map<Call, Call | undefined>();
  readonly #scene: Scene;
  readonly #random: Random;
  readonly #options: PoolOptions;
  readonly #queue: Job[] = [];
  /** Threads of requests that wait for a result. */
  readonly #waiting = new Map<Thread, Call>();
  readonly #database: Actor;
  #busy = 0;

  constructor(scene: Scene, random: Random, options: PoolOptions) {
    this.#scene = scene;
    this.#random = random;
    this.#options = options;
    this.server = scene.process('pool', options);
    this.#database = scene.stranger('database');
  }

  run(): void {
    const { requests, concurrency, workers } = this.#options;
    const random = this.#random;
    const client = this.#scene.stranger('client');
    const idle = Array.from({ length: concurrency }, () => ({
      wire: this.#scene.connection(client, this.server),
      thread: this.server.thread(),
    }));
    const steps = Array.from({ length: workers }, () => this.#work(this.server.thread()));
    let left = requests;
    const served = new Set<Call>();
    const under: { request: Call; slot: (typeof idle)[number] }[] = [];
    while (served.size < requests || this.#queue.length > 0 || this.#busy > 0) {
      if (left > 0 && idle.length > 0 && random.chance(0.5)) {
        left--;
        const slot = random.draw(idle);
        const request = this.#scene.call(slot.wire, `GET /shop/${left}`).serverReads(slot.thread);
        under.push({ request, slot });
        for (let i = 0; i < this.#options.background; i++)
          this.#queue.push({ request: undefined, reader: slot.thread });
        this.#queue.push({ request, reader: slot.thread });
        if (this.#options.style === 'wait') this.#waiting.set(slot.thread, request);
        continue;
      }
      random.pick(steps).next();
      for (const { request, slot } of [...under])
        if (this.#answered(request, slot.thread)) {
          under.splice(
            under.findIndex((each) => each.request === request),
            1,
          );
          served.add(request);
          idle.push(slot);
        }
    }
  }

  #answered(request: Call, thread: Thread): boolean {
    if (request.serverExchange!.end !== undefined) return true;
    if (this.#options.style === 'hand_over' || this.#waiting.has(thread)) return false;
    request.serverWrites(200, thread);
    return true;
  }

  *#work(worker: Thread): Generator<void, void, void> {
    const wire: Wire = this.#scene.connection(this.server, this.#database);
    const { style, calls, strays, begins, awake } = this.#options;
    const random = this.#random;
    for (;;) {
      const job = this.#queue.shift();
      if (!job) {
        yield;
        continue;
      }
      this.#busy++;
      if (style === 'wait' && job.request && random.chance(begins))
        wake(this.#scene, this.server, worker, job.reader);
      for (let n = job.request ? calls() : 1; n > 0; n--) {
        const call = this.#scene.call(wire, command('postgresql', 'SELECT')).clientWrites(worker);
        this.causes.set(call, job.request);
        yield;
        call.clientReads(200, worker);
        const others = [...this.#waiting.keys()].filter((thread) => thread !== job.reader);
        if (others.length > 0 && random.chance(strays))
          wake(this.#scene, this.server, worker, random.pick(others));
        yield;
      }
      this.#busy--;
      if (!job.request) continue;
      if (style === 'hand_over') job.request.serverWrites(200, worker);
      else {
        if (!random.chance(awake)) wake(this.#scene, this.server, worker, job.reader);
        this.#waiting.delete(job.reader);
      }
      yield;
    }
  }
}
