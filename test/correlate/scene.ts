import { ManualClock, MICROSECOND, type Nanos, SECOND } from '../../src/collector/clock.ts';
import { Counters } from '../../src/collector/counters.ts';
import { Correlator } from '../../src/correlate/correlator.ts';
import { spanIdOf } from '../../src/correlate/identity.ts';
import { EVIDENCE } from '../../src/correlate/link/rule.ts';
import type { MergeObserver } from '../../src/correlate/observer.ts';
import type { CorrelateOptions } from '../../src/correlate/options.ts';
import type { Rendezvous } from '../../src/correlate/rendezvous/rendezvous.ts';
import type { Switched } from '../../src/correlate/verify/verify.ts';
import type { Watched } from '../../src/observe/observe-merge.ts';
import type { AttributeEntry } from '../../src/otlp/attributes.ts';
import type { Peer } from '../../src/otlp/batch.ts';
import { toJson } from '../../src/otlp/to-json.ts';
import type { Activity, Execution, Thread } from '../../src/receiver/ebpf/exchange.ts';
import { type Span, spansOfJson } from '../support/otlp-json.ts';
import { Actor, type ActorOptions } from './actor.ts';
import { type Headers, httpRequest, httpResponse, type Said } from './facts.ts';
import { type Context, encodeExport, type Kind, SdkSpan } from './sdk.ts';
import { show } from './show.ts';
import { PlayedExchange, Wire } from './wire.ts';

export { command, httpRequest } from './facts.ts';
export { traceparent } from './sdk.ts';

export const EPOCH = 1_790_000_000_000_000_000n;

export const DEFAULTS: CorrelateOptions = {
  decisionWait: 10 * SECOND,
  maxAge: 300 * SECOND,
  lateWindow: 60 * SECOND,
  maxSpans: 500_000,
  maxBytes: 256 * 2 ** 20,
  overlap: 'enrich',
  traceConflict: 'rewrite',
  unmatched: 'keep',
  verify: undefined,
  evidence: new Set(EVIDENCE),
};

/** Something the merge takes in, and when. */
export type Input =
  | { readonly at: Nanos; readonly activities: readonly Activity[] }
  | { readonly at: Nanos; readonly body: Uint8Array; readonly peer: Peer | undefined };

/** One request on a wire, and what its two ends do about it, each when the test says so. */
export class Call {
  clientExchange: PlayedExchange | undefined;
  serverExchange: PlayedExchange | undefined;
  readonly position: number;

  constructor(
    private readonly scene: Scene,
    readonly wire: Wire,
    readonly said: Said,
  ) {
    this.position = wire.position;
    wire.position += 100;
  }

  /** Id of the zero-code span of the client's side. */
  get clientSpanId(): string {
    return spanIdOf(this.clientExchange!);
  }

  get serverSpanId(): string {
    return spanIdOf(this.serverExchange!);
  }

  clientWrites(by: Thread | Execution = this.wire.client.main): this {
    const execution = executionOf(by);
    const at = this.scene.tick();
    const { protocol, request } = this.said;
    const { clientEnd, client } = this.wire;
    const exchange = new PlayedExchange(
      clientEnd,
      this.position,
      protocol,
      request,
      execution,
      at,
      undefined,
    );
    this.clientExchange = exchange;
    this.scene.did(client, { type: 'request', exchange, ...execution, at });
    return this;
  }

  /** The request's bytes arrive a tick before they are read. */
  serverReads(by: Thread | Execution = this.wire.server.main): this {
    const execution = executionOf(by);
    const arrived = this.scene.tick();
    const at = this.scene.tick();
    const { protocol, request } = this.said;
    const { serverEnd, server } = this.wire;
    const exchange = new PlayedExchange(serverEnd, this.position, protocol, request, execution, arrived, at);
    this.serverExchange = exchange;
    this.scene.did(server, { type: 'request', exchange, ...execution, at });
    return this;
  }

  serverWrites(status = 200, by: Thread | Execution = this.serverExchange!.thread): this {
    this.#answered(this.serverExchange!, this.wire.server, status, executionOf(by));
    return this;
  }

  clientReads(status = 200, thread = this.clientExchange!.thread): this {
    this.#answered(this.clientExchange!, this.wire.client, status, { thread });
    return this;
  }

  #answered(exchange: PlayedExchange, actor: Actor, status: number, by: Execution): void {
    const at = this.scene.tick();
    exchange.response = httpResponse(status);
    exchange.responseStart = at;
    exchange.responseBytes = 50;
    exchange.end = at;
    this.scene.did(actor, { type: 'response', exchange, ...by, at }, { type: 'end', exchange, ...by, at });
  }
}

function executionOf(by: Thread | Execution): Execution {
  return 'thread' in by ? by : { thread: by };
}

/** A scene that is one of several. */
export interface Host {
  /** Where it meets the others. */
  readonly meet?: (watched: Watched) => Rendezvous;
  /** Names of connections, pids and SDKs' ids begin here, so that they are not those of other scenes. */
  readonly numbersFrom?: number;
}

/** Programs, connections and SDKs played against one `Correlator`, whose output is collected. */
export class Scene {
  readonly clock = new ManualClock(EPOCH);
  readonly counters = new Counters();
  readonly correlator: Correlator;
  /** Spans in all of them. */
  released = 0;
  /** The bodies released, in order. */
  readonly releases: Uint8Array[] = [];
  /** Every input so far. */
  readonly inputs: Input[] = [];
  readonly #spans: Span[] = [];
  #decoded = 0;
  #numbers: number;
  #gathered: Activity[] | undefined;

  /** Evidence that went off in a service, or came back. */
  readonly switched: Switched[] = [];

  constructor(
    changes: Partial<CorrelateOptions> = {},
    observe?: (watched: Watched) => MergeObserver,
    host: Host = {},
  ) {
    this.#numbers = host.numbersFrom ?? 0;
    const options = { ...DEFAULTS, ...changes };
    this.correlator = new Correlator(
      this.clock,
      this.counters,
      'correlate',
      options,
      (body, count) => {
        this.releases.push(body);
        this.released += count;
      },
      observe?.({ clock: this.clock, counters: this.counters, options }),
      (switched) => this.switched.push(switched),
      host.meet?.({ clock: this.clock, counters: this.counters, options }),
    );
  }

  /** Every span released so far. */
  get spans(): readonly Span[] {
    for (const body of this.releases.slice(this.#decoded))
      this.#spans.push(...spansOfJson(toJson('traces', body)));
    this.#decoded = this.releases.length;
    if (this.#spans.length !== this.released)
      throw new Error(`${this.released} spans announced, ${this.#spans.length} released`);
    return this.#spans;
  }

  get now(): Nanos {
    return this.clock.now();
  }

  process(service: string, options: ActorOptions = {}): Actor {
    const number = this.#number();
    const actor = new Actor(service, number, options);
    const { process, exporter } = actor;
    this.did(actor, { type: 'process', process, at: this.now });
    if (actor.exporterSeen) {
      const socket = {
        cookie: 1_000_000 + number,
        localAddress: exporter.address,
        localPort: exporter.port,
        remoteAddress: '127.0.0.1',
        remotePort: 4317,
        netns: 1,
        accepted: false,
      };
      this.did(actor, { type: 'connection', state: 'open', socket, process, at: this.now });
    }
    return actor;
  }

  /** A program the capture does not watch. */
  stranger(service: string): Actor {
    return this.process(service, { observed: false });
  }

  connection(client: Actor, server: Actor): Wire {
    return new Wire(client, server, this.#number());
  }

  /** A connection whose beginning is seen: now. */
  newConnection(client: Actor, server: Actor): Wire {
    return new Wire(client, server, this.#number(), { since: this.tick() });
  }

  unixConnection(client: Actor, server: Actor, path = '/run/app.sock'): Wire {
    return new Wire(client, server, this.#number(), { path });
  }

  /** A connection whose opening by this thread is seen. */
  connect(client: Actor, server: Actor, thread: Thread = client.main): Wire {
    const wire = this.connection(client, server);
    this.did(client, { type: 'connect', socket: wire.clientEnd.socket, thread, at: this.tick() });
    return wire;
  }

  call(wire: Wire, said: Said | string = 'GET /', headers: Headers = {}): Call {
    return new Call(this, wire, typeof said === 'string' ? httpRequest(said, headers) : said);
  }

  /** A request that is written and at once read at the other end. */
  request(wire: Wire, said: Said | string = 'GET /', headers: Headers = {}): Call {
    return this.call(wire, said, headers).clientWrites().serverReads();
  }

  /** A response that is written and at once read at the other end. */
  respond(call: Call, status = 200): void {
    call.serverWrites(status).clientReads(status);
  }

  /** A request and its response. */
  exchange(wire: Wire, said: Said | string = 'GET /', headers: Headers = {}): Call {
    const call = this.request(wire, said, headers);
    this.respond(call);
    return call;
  }

  /** An SDK begins a span; without parent it begins a trace as well. */
  start(
    actor: Actor,
    kind: Kind,
    parent?: Context,
    attributes: Readonly<Record<string, string | number>> = {},
  ): SdkSpan {
    this.tick();
    const number = this.#number().toString(16);
    const traceId = parent?.traceId ?? `7ace${number.padStart(28, '0')}`;
    const entries: AttributeEntry[] = Object.entries(attributes);
    const spanId = `5dc0${number.padStart(12, '0')}`;
    return new SdkSpan(actor, kind, traceId, spanId, parent?.spanId ?? '', this.now, entries);
  }

  end(...spans: SdkSpan[]): void {
    for (const span of spans) span.end = this.tick();
  }

  /** Spans of one SDK are exported; those not ended yet end now. */
  export(...spans: SdkSpan[]): void {
    for (const span of spans) span.end ??= this.tick();
    const { actor } = spans[0]!;
    this.receive(encodeExport(EPOCH, spans), actor.exporterSeen ? actor.exporter : undefined);
  }

  receive(body: Uint8Array, peer?: Peer): void {
    this.inputs.push({ at: this.now, body, peer });
    this.correlator.received(body, peer);
  }

  /** An observed program did something. */
  did(actor: Actor, ...activities: Activity[]): void {
    if (!actor.observed) return;
    if (this.#gathered) {
      this.#gathered.push(...activities);
      return;
    }
    this.inputs.push({ at: this.now, activities });
    this.correlator.captured(activities);
  }

  /** What is done in `play` is drained in one go, after all of it has happened. */
  inOneDrain(play: () => void): void {
    const gathered: Activity[] = [];
    this.#gathered = gathered;
    play();
    this.#gathered = undefined;
    this.inputs.push({ at: this.now, activities: gathered });
    this.correlator.captured(gathered);
  }

  /** 10 µs pass. */
  tick(): Nanos {
    this.clock.advanceTo(this.now + 10 * MICROSECOND);
    return this.now;
  }

  advance(seconds: number): void {
    this.clock.advanceTo(Math.round(this.now + seconds * SECOND));
  }

  /** Waits until everything that is complete has left, and shows it. */
  settle(): string[] {
    this.advance(11);
    return this.tree();
  }

  tree(): string[] {
    return show(this.spans);
  }

  traceIds(): string[] {
    return [...new Set(this.spans.map((span) => span.traceId))];
  }

  span(id: string): Span | undefined {
    return this.spans.find((span) => span.spanId === id);
  }

  count(name: string, attributes: Record<string, string> = {}): number {
    return this.counters.counter(`spanloom_correlate_${name}`, { processor: 'correlate', ...attributes })
      .value;
  }

  gauge(name: string, attributes: Record<string, string> = {}): number {
    return this.counters.gauge(`spanloom_correlate_${name}`, { processor: 'correlate', ...attributes }).value;
  }

  #number(): number {
    return ++this.#numbers;
  }
}
