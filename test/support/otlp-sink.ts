import { once } from 'node:events';
import {
  createServer as createHttp,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync, inflateSync } from 'node:zlib';
import * as grpc from '@grpc/grpc-js';
import type { Signal } from '../../src/collector/component.ts';
import { encodeRpcStatus } from '../../src/otlp/rpc-status.ts';
import { WireWriter } from '../../src/otlp/wire/writer.ts';

/** One export request as the backend got it. */
export interface SinkRequest {
  readonly signal: Signal;
  /** Protobuf, decompressed. */
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the backend answers. */
export type SinkReply =
  | 'ok'
  | { readonly rejected: number; readonly message: string }
  /** gRPC: a status code; HTTP: a response code. `retryAfter` in whole seconds for HTTP, any for gRPC. */
  | { readonly status: number; readonly message?: string; readonly retryAfter?: number | string };

export type Respond = (request: SinkRequest, index: number) => SinkReply | Promise<SinkReply>;

export interface SinkOptions {
  /** 0: any free port. */
  readonly port?: number;
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string };
  readonly respond?: Respond;
}

/** A backend on loopback that keeps what it is sent, and can refuse, delay and go away. */
export abstract class OtlpSink {
  /** Every request, also the refused ones. */
  readonly requests: SinkRequest[] = [];
  /** The requests that were answered `ok`. */
  readonly accepted: SinkRequest[] = [];
  respond: Respond;
  readonly #waiting: { count: number; resolve: () => void }[] = [];

  protected constructor(respond: Respond = () => 'ok') {
    this.respond = respond;
  }

  abstract readonly port: number;

  /** `127.0.0.1:port`. */
  get endpoint(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Ends what is under way, then closes. */
  abstract close(): Promise<void>;
  /** Cuts every connection. */
  abstract kill(): void;

  /** Resolves when `count` requests were answered `ok`. */
  async acceptedAtLeast(count: number): Promise<void> {
    if (this.accepted.length >= count) return;
    await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
  }

  protected async receive(request: SinkRequest): Promise<SinkReply> {
    const index = this.requests.push(request) - 1;
    const reply = await this.respond(request, index);
    if (reply === 'ok') {
      this.accepted.push(request);
      for (const waiting of this.#waiting.splice(0))
        if (this.accepted.length >= waiting.count) setImmediate(waiting.resolve);
        else this.#waiting.push(waiting);
    }
    return reply;
  }
}

const SERVICES: Readonly<Record<Signal, string>> = {
  traces: 'opentelemetry.proto.collector.trace.v1.TraceService',
  metrics: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
  logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
};

const SIGNALS = ['traces', 'metrics', 'logs'] as const;
const raw = (bytes: Buffer) => bytes;

/** An OTLP/gRPC backend on grpc-js, an implementation independent of the exporter's. */
export class GrpcSink extends OtlpSink {
  readonly #server = new grpc.Server({ 'grpc.max_receive_message_length': -1 });
  port = 0;

  static async start(options: SinkOptions = {}): Promise<GrpcSink> {
    const sink = new GrpcSink(options.respond);
    await sink.#listen(options);
    return sink;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()));
  }

  kill(): void {
    this.#server.forceShutdown();
  }

  async #listen({ port = 0, tls }: SinkOptions): Promise<void> {
    for (const signal of SIGNALS)
      this.#server.addService(
        {
          Export: {
            path: `/${SERVICES[signal]}/Export`,
            requestStream: false,
            responseStream: false,
            requestSerialize: raw,
            requestDeserialize: raw,
            responseSerialize: raw,
            responseDeserialize: raw,
          },
        },
        { Export: this.#handler(signal) },
      );
    const credentials = tls
      ? grpc.ServerCredentials.createSsl(
          tls.ca === undefined ? null : Buffer.from(tls.ca),
          [{ cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) }],
          tls.ca !== undefined,
        )
      : grpc.ServerCredentials.createInsecure();
    this.port = await new Promise<number>((resolve, reject) =>
      this.#server.bindAsync(`127.0.0.1:${port}`, credentials, (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
  }

  #handler(signal: Signal): grpc.handleUnaryCall<Buffer, Buffer> {
    return (call, callback) => {
      const headers = Object.fromEntries(
        Object.entries(call.metadata.getMap()).map(([key, value]) => [key, String(value)]),
      );
      void this.receive({ signal, body: call.request, headers }).then((reply) => {
        if (reply === 'ok') callback(null, Buffer.alloc(0));
        else if ('rejected' in reply) callback(null, partialSuccess(reply.rejected, reply.message));
        else callback({ code: reply.status, details: reply.message ?? '', metadata: retryInfo(reply) });
      });
    };
  }
}

/** An OTLP/HTTP backend on node:http. */
export class HttpSink extends OtlpSink {
  readonly #server: HttpServer;

  private constructor(options: SinkOptions) {
    super(options.respond);
    const onRequest = (request: IncomingMessage, response: ServerResponse) => {
      void this.#serve(request).then((reply) => {
        response.setHeader('content-type', 'application/x-protobuf');
        if (!this.#server.listening) response.setHeader('connection', 'close');
        if (reply === 'ok') response.end();
        else if ('rejected' in reply) response.end(partialSuccess(reply.rejected, reply.message));
        else {
          response.statusCode = reply.status;
          if (reply.retryAfter !== undefined) response.setHeader('retry-after', String(reply.retryAfter));
          response.end(encodeRpcStatus(reply.status, reply.message ?? ''));
        }
      });
    };
    this.#server = options.tls ? createHttps(options.tls, onRequest) : createHttp(onRequest);
  }

  static async start(options: SinkOptions = {}): Promise<HttpSink> {
    const sink = new HttpSink(options);
    sink.#server.listen(options.port ?? 0, '127.0.0.1');
    await once(sink.#server, 'listening');
    return sink;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeIdleConnections();
    await closed;
  }

  kill(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage): Promise<SinkReply> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const sent = Buffer.concat(chunks);
    const signal = SIGNALS.find((name) => request.url?.endsWith(`/v1/${name}`)) ?? 'traces';
    const headers = {
      ...(request.headers as Record<string, string>),
      ':method': request.method!,
      ':path': request.url!,
    };
    return this.receive({ signal, body: decompress(sent, request.headers['content-encoding']), headers });
  }
}

function decompress(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding === 'gzip') return gunzipSync(body);
  if (encoding === 'deflate') return inflateSync(body);
  return body;
}

/** An `ExportTraceServiceResponse` with `partial_success`; the other signals' messages have the same fields. */
function partialSuccess(rejected: number, message: string): Buffer {
  const partial = new WireWriter();
  partial.varint(1 << 3);
  partial.varint64(rejected);
  partial.varint((2 << 3) | 2);
  partial.text(message);
  const response = new WireWriter();
  response.field((1 << 3) | 2, partial.copy());
  return Buffer.from(response.copy());
}

function retryInfo(reply: { status: number; message?: string; retryAfter?: number | string }): grpc.Metadata {
  const metadata = new grpc.Metadata();
  if (typeof reply.retryAfter === 'number')
    metadata.set(
      'grpc-status-details-bin',
      Buffer.from(encodeRpcStatus(reply.status, reply.message ?? '', reply.retryAfter * 1000)),
    );
  return metadata;
}
