import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { gunzipSync, inflateSync } from 'node:zlib';
import * as grpc from '@grpc/grpc-js';
import { WireWriter } from '../../src/otlp/wire/writer.js';
/** A backend on loopback that keeps what it is sent, and can refuse, delay and go away. */
export class OtlpSink {
    /** Every request, also the refused ones. */
    requests = [];
    /** The requests that were answered `ok`. */
    accepted = [];
    respond;
    #waiting = [];
    constructor(respond = () => 'ok') {
        this.respond = respond;
    }
    /** `127.0.0.1:port`. */
    get endpoint() {
        return `127.0.0.1:${this.port}`;
    }
    /** Resolves when `count` requests were answered `ok`. */
    async acceptedAtLeast(count) {
        if (this.accepted.length >= count)
            return;
        await new Promise((resolve) => this.#waiting.push({ count, resolve }));
    }
    async receive(request) {
        const index = this.requests.push(request) - 1;
        const reply = await this.respond(request, index);
        if (reply === 'ok') {
            this.accepted.push(request);
            for (const waiting of this.#waiting.splice(0))
                if (this.accepted.length >= waiting.count)
                    setImmediate(waiting.resolve);
                else
                    this.#waiting.push(waiting);
        }
        return reply;
    }
}
const SERVICES = {
    traces: 'opentelemetry.proto.collector.trace.v1.TraceService',
    metrics: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
    logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
};
const SIGNALS = ['traces', 'metrics', 'logs'];
const raw = (bytes) => bytes;
/** An OTLP/gRPC backend on grpc-js, an implementation independent of the exporter's. */
export class GrpcSink extends OtlpSink {
    #server = new grpc.Server({ 'grpc.max_receive_message_length': -1 });
    port = 0;
    static async start(options = {}) {
        const sink = new GrpcSink(options.respond);
        await sink.#listen(options);
        return sink;
    }
    async close() {
        await new Promise((resolve) => this.#server.tryShutdown(() => resolve()));
    }
    kill() {
        this.#server.forceShutdown();
    }
    async #listen({ port = 0, tls }) {
        for (const signal of SIGNALS)
            this.#server.addService({
                Export: {
                    path: `/${SERVICES[signal]}/Export`,
                    requestStream: false,
                    responseStream: false,
                    requestSerialize: raw,
                    requestDeserialize: raw,
                    responseSerialize: raw,
                    responseDeserialize: raw,
                },
            }, { Export: this.#handler(signal) });
        const credentials = tls
            ? grpc.ServerCredentials.createSsl(tls.ca === undefined ? null : Buffer.from(tls.ca), [{ cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) }], tls.ca !== undefined)
            : grpc.ServerCredentials.createInsecure();
        this.port = await new Promise((resolve, reject) => this.#server.bindAsync(`127.0.0.1:${port}`, credentials, (error, bound) => error ? reject(error) : resolve(bound)));
    }
    #handler(signal) {
        return (call, callback) => {
            const headers = Object.fromEntries(Object.entries(call.metadata.getMap()).map(([key, value]) => [key, String(value)]));
            void this.receive({ signal, body: call.request, headers }).then((reply) => {
                if (reply === 'ok')
                    callback(null, Buffer.alloc(0));
                else if ('rejected' in reply)
                    callback(null, partialSuccess(reply.rejected, reply.message));
                else
                    callback({ code: reply.status, details: reply.message ?? '', metadata: retryInfo(reply) });
            });
        };
    }
}
/** An OTLP/HTTP backend on node:http. */
export class HttpSink extends OtlpSink {
    #server;
    constructor(options) {
        super(options.respond);
        const onRequest = (request, response) => {
            void this.#serve(request).then((reply) => {
                response.setHeader('content-type', 'application/x-protobuf');
                if (reply === 'ok')
                    response.end();
                else if ('rejected' in reply)
                    response.end(partialSuccess(reply.rejected, reply.message));
                else {
                    response.statusCode = reply.status;
                    if (reply.retryAfter !== undefined)
                        response.setHeader('retry-after', String(reply.retryAfter));
                    response.end(rpcStatus(reply.status, reply.message ?? ''));
                }
            });
        };
        this.#server = options.tls ? createHttps(options.tls, onRequest) : createHttp(onRequest);
    }
    static async start(options = {}) {
        const sink = new HttpSink(options);
        sink.#server.listen(options.port ?? 0, '127.0.0.1');
        await once(sink.#server, 'listening');
        return sink;
    }
    get port() {
        return this.#server.address().port;
    }
    async close() {
        const closed = new Promise((resolve) => this.#server.close(resolve));
        this.#server.closeIdleConnections();
        await closed;
    }
    kill() {
        this.#server.close();
        this.#server.closeAllConnections();
    }
    async #serve(request) {
        const chunks = [];
        for await (const chunk of request)
            chunks.push(chunk);
        const sent = Buffer.concat(chunks);
        const signal = SIGNALS.find((name) => request.url?.endsWith(`/v1/${name}`)) ?? 'traces';
        const headers = {
            ...request.headers,
            ':method': request.method,
            ':path': request.url,
        };
        return this.receive({ signal, body: decompress(sent, request.headers['content-encoding']), headers });
    }
}
function decompress(body, encoding) {
    if (encoding === 'gzip')
        return gunzipSync(body);
    if (encoding === 'deflate')
        return inflateSync(body);
    return body;
}
/** An `ExportTraceServiceResponse` with `partial_success`; the other signals' messages have the same fields. */
function partialSuccess(rejected, message) {
    const partial = new WireWriter();
    partial.varint(1 << 3);
    partial.varint64(rejected);
    partial.varint((2 << 3) | 2);
    partial.text(message);
    const response = new WireWriter();
    response.field((1 << 3) | 2, partial.copy());
    return Buffer.from(response.copy());
}
/** An encoded `google.rpc.Status`, with a RetryInfo of so many seconds where they are given. */
export function rpcStatus(code, message, retrySeconds) {
    const status = new WireWriter();
    status.varint(1 << 3);
    status.varint64(code);
    status.varint((2 << 3) | 2);
    status.text(message);
    if (retrySeconds !== undefined) {
        const delay = new WireWriter();
        delay.varint(1 << 3);
        delay.varint64(Math.floor(retrySeconds));
        delay.varint(2 << 3);
        delay.varint64(Math.round((retrySeconds % 1) * 1e9));
        const info = new WireWriter();
        info.field((1 << 3) | 2, delay.copy());
        const any = new WireWriter();
        any.varint((1 << 3) | 2);
        any.text('type.googleapis.com/google.rpc.RetryInfo');
        any.field((2 << 3) | 2, info.copy());
        status.field((3 << 3) | 2, any.copy());
    }
    return Buffer.from(status.copy());
}
function retryInfo(reply) {
    const metadata = new grpc.Metadata();
    if (typeof reply.retryAfter === 'number')
        metadata.set('grpc-status-details-bin', rpcStatus(reply.status, reply.message ?? '', reply.retryAfter));
    return metadata;
}
