import type { Thread } from '../../src/receiver/ebpf/exchange.ts';
import type { Actor } from './actor.ts';
import type { Random } from './random.ts';
import { type Call, command, type Scene, traceparent } from './scene.ts';
import type { Context, SdkSpan } from './sdk.ts';
import type { Wire } from './wire.ts';

/** One call or one handling of it; whatever spans show it mean the same. */
export interface Deed {
  readonly parent: Deed | undefined;
}

interface Service {
  readonly actor: Actor;
  readonly sdk: boolean;
  /** Passes the context that came in on, as proxies do. */
  readonly forwards: boolean;
  readonly idleThreads: Thread[];
  readonly finished: SdkSpan[];
}

type Steps = Generator<void, void, void>;

/**
 * Services with and without SDK that call each other and a database, a thread a request, many requests at a time, all
 * by chance; and the truth about what caused what.
 */
export class Shop {
  /** What each span id stands for. */
  readonly deeds = new Map<string, Deed>();
  readonly spans: SdkSpan[] = [];
  readonly calls: Call[] = [];
  readonly #scene: Scene;
  readonly #random: Random;
  readonly #services: Service[] = [];
  readonly #idleWires: Wire[] = [];
  readonly #database: Actor;

  constructor(scene: Scene, random: Random) {
    this.#scene = scene;
    this.#random = random;
    this.#database = scene.process('database', { observed: random.chance(0.5) });
    for (let i = 1 + random.below(4); i >= 0; i--) {
      const runtime = random.pick(['python', 'java', 'native'] as const);
      const observed = random.chance(0.9);
      const actor = scene.process(`service${i}`, { runtime, observed, exporterSeen: random.chance(0.7) });
      const sdk = random.chance(0.5);
      this.#services.push({
        actor,
        sdk,
        forwards: !sdk && random.chance(0.5),
        idleThreads: [],
        finished: [],
      });
    }
  }

  /** Plays requests, some at a time, with pauses of up to `longestPause` seconds now and then. */
  play(requests: number, longestPause: number): void {
    const random = this.#random;
    const entry = this.#services[0]!;
    const client = this.#scene.stranger('client');
    const running: Steps[] = [];
    let left = requests;
    while (left > 0 || running.length > 0) {
      if (left > 0 && (running.length === 0 || random.chance(0.3))) {
        left--;
        const headers = random.chance(0.3)
          ? { traceparent: traceparent({ traceId: hex(random, 32), spanId: hex(random, 16) }) }
          : {};
        const call = this.#scene.call(this.#scene.connection(client, entry.actor), 'GET /', headers);
        running.push(this.#serve(entry, call, { parent: undefined }, contextOf(headers.traceparent)));
      }
      const next = random.pick(running);
      if (next.next().done) running.splice(running.indexOf(next), 1);
      if (random.chance(0.02)) this.#scene.advance(random.next() * longestPause);
      if (random.chance(0.1)) this.#export(random.pick(this.#services));
    }
    for (const service of this.#services) this.#export(service);
  }

  #export(service: Service): void {
    if (service.finished.length > 0) this.#scene.export(...service.finished.splice(0));
  }

  *#serve(service: Service, call: Call, parent: Deed, context: Context | undefined): Steps {
    const random = this.#random;
    const { actor, sdk } = service;
    const thread = service.idleThreads.pop() ?? actor.thread();
    const deed: Deed = { parent };
    call.serverReads(thread);
    this.#stands(call.serverSpanId, deed);
    this.calls.push(call);
    const handler = sdk
      ? this.#start(service, 'server', deed, context, { 'network.peer.port': call.wire.clientPort })
      : undefined;
    yield;
    const depth = this.#services.indexOf(service);
    for (let calls = random.below(3); calls > 0; calls--) {
      const callee = random.chance(0.4) ? undefined : this.#services[depth + 1 + random.below(2)];
      yield* this.#call(service, callee, thread, deed, handler ?? (service.forwards ? context : undefined));
      yield;
    }
    if (handler) this.#finish(service, handler);
    call.serverWrites();
    service.idleThreads.push(thread);
    yield;
  }

  *#call(
    service: Service,
    callee: Service | undefined,
    thread: Thread,
    parent: Deed,
    context: Context | undefined,
  ): Steps {
    const deed: Deed = { parent };
    const span = service.sdk
      ? this.#start(service, 'client', deed, context, callee ? {} : { 'db.system.name': 'redis' })
      : undefined;
    const sent = span ?? context;
    const to = callee?.actor ?? this.#database;
    const idle = this.#idleWires.findIndex((wire) => wire.client === service.actor && wire.server === to);
    const wire =
      idle >= 0 ? this.#idleWires.splice(idle, 1)[0]! : this.#scene.connect(service.actor, to, thread);
    const said = callee ? 'GET /' : command('redis', 'GET');
    const call = this.#scene.call(wire, said, sent && callee ? { traceparent: traceparent(sent) } : {});
    call.clientWrites(thread);
    this.#stands(call.clientSpanId, deed);
    if (!callee) this.calls.push(call);
    yield;
    if (callee) yield* this.#serve(callee, call, deed, sent);
    else {
      const served: Deed = { parent: deed };
      call.serverReads().serverWrites();
      this.#stands(call.serverSpanId, served);
      yield;
    }
    call.clientReads();
    if (span) this.#finish(service, span);
    this.#idleWires.push(wire);
  }

  #start(
    service: Service,
    kind: 'server' | 'client',
    deed: Deed,
    context: Context | undefined,
    attributes: Readonly<Record<string, string | number>>,
  ): SdkSpan {
    const span = this.#scene.start(service.actor, kind, context, attributes);
    this.#stands(span.spanId, deed);
    this.spans.push(span);
    return span;
  }

  #finish(service: Service, span: SdkSpan): void {
    this.#scene.end(span);
    service.finished.push(span);
  }

  #stands(spanId: string, deed: Deed): void {
    this.deeds.set(spanId, deed);
  }
}

/** Whether `above` is what `deed` is, or caused it. */
export function isCause(above: Deed, deed: Deed): boolean {
  for (let at: Deed | undefined = deed; at; at = at.parent) if (at === above) return true;
  return false;
}

export function rootOf(deed: Deed): Deed {
  let at = deed;
  while (at.parent) at = at.parent;
  return at;
}

function hex(random: Random, digits: number): string {
  return Array.from({ length: digits }, () => (1 + random.below(15)).toString(16)).join('');
}

function contextOf(header: string | undefined): Context | undefined {
  if (header === undefined) return undefined;
  const [, traceId, spanId] = header.split('-') as [string, string, string, string];
  return { traceId, spanId };
}
