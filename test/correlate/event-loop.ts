import type { Actor } from './actor.ts';
import type { Random } from './random.ts';
import type { Call, Scene } from './scene.ts';
import type { Wire } from './wire.ts';

/** What a simulated program does with a request, decided by chance. */
export interface LoopOptions {
  readonly requests: number;
  /** Requests under way at a time. */
  readonly concurrency: number;
  readonly answeredLocally: number;
  /** Calls one after the other for a request that is not answered locally. */
  readonly callsInTurn: number;
  /** Calls made at once in each turn. */
  readonly callsAtOnce: number;
  /** Share of calls for which a connection is opened: the request is written in a later turn of the loop. */
  readonly newConnections: number;
  /** Whether each request has a path of its own, which its calls repeat. */
  readonly distinct: boolean;
}

interface Job {
  readonly request: Call;
  turns: number;
  pending: number;
}

/** Something a poll reports as ready. */
type Ready =
  | { readonly type: 'request'; readonly wire: Wire }
  | { readonly type: 'response'; readonly call: Call; readonly job: Job }
  | { readonly type: 'connected'; readonly call: Call; readonly job: Job };

/** An event loop on one thread that serves requests which all look alike, and knows what caused what. */
export class EventLoop {
  readonly server: Actor;
  /** The request each call was made for. */
  readonly causes = new Map<Call, Call>();
  readonly #scene: Scene;
  readonly #random: Random;
  readonly #options: LoopOptions;
  readonly #upstream: Actor;
  readonly #idle: Wire[] = [];
  readonly #ready: Ready[] = [];
  #left: number;
  #paths = 0;

  constructor(scene: Scene, random: Random, options: LoopOptions) {
    this.#scene = scene;
    this.#random = random;
    this.#options = options;
    this.server = scene.process('proxy');
    this.#upstream = scene.stranger('upstream');
    const client = scene.stranger('client');
    this.#left = options.requests;
    for (let i = 0; i < options.concurrency; i++) this.#arrive(scene.connection(client, this.server));
  }

  /** nginx: what is ready is read and handled at once, one after the other. */
  runToCompletion(): void {
    while (this.#ready.length > 0) this.#handle(this.#read(this.#random.draw(this.#ready)))();
  }

  /**
   * HAProxy, lighttpd, Squid: several are read, then their tasks run in the order of the queue; `leave` is the chance that
   * the rest of the queue waits until after the next reads.
   */
  readsFirst(leave = 0): void {
    const tasks: (() => void)[] = [];
    while (this.#ready.length > 0 || tasks.length > 0) {
      for (let n = this.#random.below(this.#ready.length + 1); n > 0; n--)
        tasks.push(this.#handle(this.#read(this.#random.draw(this.#ready))));
      while (tasks.length > 0) {
        tasks.shift()!();
        if (this.#ready.length > 0 && this.#random.chance(leave)) break;
      }
    }
  }

  #arrive(wire: Wire): void {
    if (this.#left-- > 0) this.#ready.push({ type: 'request', wire });
  }

  #read(ready: Ready): { job: Job; ready: Ready } {
    switch (ready.type) {
      case 'request': {
        const path = this.#options.distinct ? `/${this.#paths++}` : '/';
        const request = this.#scene.call(ready.wire, `GET ${path}`).serverReads();
        const local = this.#random.chance(this.#options.answeredLocally);
        return { job: { request, turns: local ? 0 : this.#options.callsInTurn, pending: 0 }, ready };
      }
      case 'response':
        ready.call.clientReads();
        this.#idle.push(ready.call.wire);
        ready.job.pending--;
        return { job: ready.job, ready };
      case 'connected':
        return { job: ready.job, ready };
    }
  }

  #handle({ job, ready }: { job: Job; ready: Ready }): () => void {
    return () => {
      if (ready.type === 'connected') {
        this.#write(ready.call, job);
        return;
      }
      if (job.pending > 0) return;
      if (job.turns-- > 0) {
        for (let i = 0; i < this.#options.callsAtOnce; i++) this.#call(job);
        return;
      }
      job.request.serverWrites();
      this.#arrive(job.request.wire);
    };
  }

  #call(job: Job): void {
    job.pending++;
    if (this.#idle.length === 0 || this.#random.chance(this.#options.newConnections)) {
      const call = this.#scene.call(this.#scene.connect(this.server, this.#upstream), job.request.said);
      this.causes.set(call, job.request);
      this.#ready.push({ type: 'connected', call, job });
      return;
    }
    const call = this.#scene.call(this.#random.draw(this.#idle), job.request.said);
    this.causes.set(call, job.request);
    this.#write(call, job);
  }

  #write(call: Call, job: Job): void {
    call.clientWrites();
    this.#ready.push({ type: 'response', call, job });
  }
}

export interface Score {
  right: number;
  wrong: number;
  none: number;
}

/** How the calls of a loop were linked. */
export function score(scene: Scene, causes: ReadonlyMap<Call, Call | undefined>): Score {
  const parents = new Map(scene.spans.map((span) => [span.spanId, span.parentSpanId]));
  const total: Score = { right: 0, wrong: 0, none: 0 };
  for (const [call, cause] of causes) {
    const parent = parents.get(call.clientSpanId);
    if (parent === undefined) throw new Error('a call has no span');
    if (parent === '') total.none++;
    else if (parent === cause?.serverSpanId) total.right++;
    else total.wrong++;
  }
  return total;
}
