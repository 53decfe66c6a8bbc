import { ManualClock, MICROSECOND, SECOND } from '../../src/collector/clock.js';
import { Counters } from '../../src/collector/counters.js';
import { Correlator } from '../../src/correlate/correlator.js';
import { spanIdOf } from '../../src/correlate/identity.js';
import { EVIDENCE } from '../../src/correlate/link/rule.js';
import { toJson } from '../../src/otlp/to-json.js';
import { spansOfJson } from '../support/otlp-json.js';
import { Actor } from './actor.js';
import { httpRequest, httpResponse } from './facts.js';
import { encodeExport, SdkSpan } from './sdk.js';
import { show } from './show.js';
import { PlayedExchange, Wire } from './wire.js';
export { command, httpRequest } from './facts.js';
export { traceparent } from './sdk.js';
export const EPOCH = 1790000000000000000n;
export const DEFAULTS = {
    decisionWait: 10 * SECOND,
    maxAge: 300 * SECOND,
    lateWindow: 60 * SECOND,
    maxSpans: 500_000,
    maxBytes: 256 * 2 ** 20,
    unmatched: 'keep',
    evidence: new Set(EVIDENCE),
};
/** One request on a wire, and what its two ends do about it, each when the test says so. */
export class Call {
    scene;
    wire;
    said;
    clientExchange;
    serverExchange;
    position;
    constructor(scene, wire, said) {
        this.scene = scene;
        this.wire = wire;
        this.said = said;
        this.position = wire.position;
        wire.position += 100;
    }
    /** Id of the zero-code span of the client's side. */
    get clientSpanId() {
        return spanIdOf(this.clientExchange);
    }
    get serverSpanId() {
        return spanIdOf(this.serverExchange);
    }
    clientWrites(thread = this.wire.client.main) {
        const at = this.scene.tick();
        const { protocol, request } = this.said;
        const { clientEnd, client } = this.wire;
        const exchange = new PlayedExchange(clientEnd, this.position, protocol, request, thread, at, undefined);
        this.clientExchange = exchange;
        this.scene.did(client, { type: 'request', exchange, thread, at });
        return this;
    }
    /** The request's bytes arrive a tick before they are read. */
    serverReads(thread = this.wire.server.main) {
        const arrived = this.scene.tick();
        const at = this.scene.tick();
        const { protocol, request } = this.said;
        const { serverEnd, server } = this.wire;
        const exchange = new PlayedExchange(serverEnd, this.position, protocol, request, thread, arrived, at);
        this.serverExchange = exchange;
        this.scene.did(server, { type: 'request', exchange, thread, at });
        return this;
    }
    serverWrites(status = 200, thread = this.serverExchange.thread) {
        this.#answered(this.serverExchange, this.wire.server, status, thread);
        return this;
    }
    clientReads(status = 200, thread = this.clientExchange.thread) {
        this.#answered(this.clientExchange, this.wire.client, status, thread);
        return this;
    }
    #answered(exchange, actor, status, thread) {
        const at = this.scene.tick();
        exchange.response = httpResponse(status);
        exchange.responseStart = at;
        exchange.responseBytes = 50;
        exchange.end = at;
        this.scene.did(actor, { type: 'response', exchange, thread, at }, { type: 'end', exchange, thread, at });
    }
}
/** Programs, connections and SDKs played against one `Correlator`, whose output is collected. */
export class Scene {
    clock = new ManualClock(EPOCH);
    counters = new Counters();
    correlator;
    spans = [];
    /** The bodies released, in order. */
    releases = [];
    /** Every input so far. */
    inputs = [];
    #numbers = 0;
    #gathered;
    constructor(options = {}) {
        this.correlator = new Correlator(this.clock, this.counters, 'correlate', { ...DEFAULTS, ...options }, (body, count) => {
            this.releases.push(body);
            const spans = spansOfJson(toJson('traces', body));
            if (spans.length !== count)
                throw new Error(`${count} spans announced, ${spans.length} in the body`);
            this.spans.push(...spans);
        });
    }
    get now() {
        return this.clock.now();
    }
    process(service, options = {}) {
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
    stranger(service) {
        return this.process(service, { observed: false });
    }
    connection(client, server) {
        return new Wire(client, server, this.#number());
    }
    /** A connection whose opening by this thread is seen. */
    connect(client, server, thread = client.main) {
        const wire = this.connection(client, server);
        this.did(client, { type: 'connect', socket: wire.clientEnd.socket, thread, at: this.tick() });
        return wire;
    }
    call(wire, said = 'GET /', headers = {}) {
        return new Call(this, wire, typeof said === 'string' ? httpRequest(said, headers) : said);
    }
    /** A request that is written and at once read at the other end. */
    request(wire, said = 'GET /', headers = {}) {
        return this.call(wire, said, headers).clientWrites().serverReads();
    }
    /** A response that is written and at once read at the other end. */
    respond(call, status = 200) {
        call.serverWrites(status).clientReads(status);
    }
    /** A request and its response. */
    exchange(wire, said = 'GET /', headers = {}) {
        const call = this.request(wire, said, headers);
        this.respond(call);
        return call;
    }
    /** An SDK begins a span; without parent it begins a trace as well. */
    start(actor, kind, parent, attributes = {}) {
        this.tick();
        const number = this.#number().toString(16);
        const traceId = parent?.traceId ?? `7ace${number.padStart(28, '0')}`;
        const entries = Object.entries(attributes);
        const spanId = `5dc0${number.padStart(12, '0')}`;
        return new SdkSpan(actor, kind, traceId, spanId, parent?.spanId ?? '', this.now, entries);
    }
    end(...spans) {
        for (const span of spans)
            span.end = this.tick();
    }
    /** Spans of one SDK are exported; those not ended yet end now. */
    export(...spans) {
        for (const span of spans)
            span.end ??= this.tick();
        const { actor } = spans[0];
        this.receive(encodeExport(EPOCH, spans), actor.exporterSeen ? actor.exporter : undefined);
    }
    receive(body, peer) {
        this.inputs.push({ at: this.now, body, peer });
        this.correlator.received(body, peer);
    }
    /** An observed program did something. */
    did(actor, ...activities) {
        if (!actor.observed)
            return;
        if (this.#gathered) {
            this.#gathered.push(...activities);
            return;
        }
        this.inputs.push({ at: this.now, activities });
        this.correlator.captured(activities);
    }
    /** What is done in `play` is drained in one go, after all of it has happened. */
    inOneDrain(play) {
        const gathered = [];
        this.#gathered = gathered;
        play();
        this.#gathered = undefined;
        this.inputs.push({ at: this.now, activities: gathered });
        this.correlator.captured(gathered);
    }
    /** 10 µs pass. */
    tick() {
        this.clock.advanceTo(this.now + 10 * MICROSECOND);
        return this.now;
    }
    advance(seconds) {
        this.clock.advanceTo(this.now + seconds * SECOND);
    }
    /** Waits until everything that is complete has left, and shows it. */
    settle() {
        this.advance(11);
        return this.tree();
    }
    tree() {
        return show(this.spans);
    }
    traceIds() {
        return [...new Set(this.spans.map((span) => span.traceId))];
    }
    span(id) {
        return this.spans.find((span) => span.spanId === id);
    }
    count(name, attributes = {}) {
        return this.counters.counter(`spanloom_correlate_${name}`, { processor: 'correlate', ...attributes })
            .value;
    }
    #number() {
        return ++this.#numbers;
    }
}
