import {
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Signal } from '../../../collector/component.ts';
import { listen } from '../../../collector/listen.ts';
import { serverTlsOptions } from '../../../collector/server-tls.ts';
import type { Peer } from '../../../otlp/batch.ts';
import type { GrpcConfig } from '../config.ts';
import { isSupported } from '../decompress.ts';
import type { Intake } from '../intake.ts';
import { peerOf } from '../peer.ts';
import { GRPC, Refusal } from '../refusal.ts';
import { ExportCall, isGone } from './export-call.ts';
import { unsupportedEncoding } from './frame.ts';
import { keepAlive } from './keepalive.ts';

const MIB = 1024 * 1024;
const DEFAULT_LIMIT = 4 * MIB;

/** Flow control: a stream may send a usual request, and a connection several, before it waits for this end. */
const STREAM_WINDOW = MIB;
const CONNECTION_WINDOW = 8 * MIB;

const METHODS: Readonly<Record<string, Signal>> = {
  '/opentelemetry.proto.collector.trace.v1.TraceService/Export': 'traces',
  '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export': 'metrics',
  '/opentelemetry.proto.collector.logs.v1.LogsService/Export': 'logs',
};

interface Connection {
  readonly peer: Peer | undefined;
  streams: number;
}

/** OTLP/gRPC on HTTP/2: unary calls only, so a call is one message in, one message and its trailers out. */
export class GrpcServer {
  readonly #config: GrpcConfig;
  readonly #intake: Intake;
  readonly #limit: number;
  readonly #connections = new Map<ServerHttp2Session, Connection>();
  #server: Http2Server | undefined;

  constructor(config: GrpcConfig, intake: Intake) {
    this.#config = config;
    this.#intake = intake;
    this.#limit = config.max_recv_msg_size_mib * MIB || DEFAULT_LIMIT;
  }

  /** Resolves with the port it listens on. */
  async start(): Promise<number> {
    const { tls, max_concurrent_streams: streams } = this.#config;
    const options = {
      settings: {
        initialWindowSize: STREAM_WINDOW,
        ...(streams > 0 && { maxConcurrentStreams: streams }),
      },
      // Node counts what it queues for a connection against this and refuses streams beyond.
      maxSessionMemory: 64,
    };
    const server = tls
      ? createSecureServer({ ...options, ...(await serverTlsOptions(tls)) })
      : createServer(options);
    this.#server = server as Http2Server;
    server.on('session', (session) => this.#connect(session));
    server.on('stream', (stream, headers) => this.#call(stream as ServerHttp2Stream, headers));
    server.on('sessionError', (error) => this.#intake.brokenConnection(error));
    server.on('tlsClientError', (error) => this.#intake.brokenConnection(error));
    return listen(this.#server, this.#config.endpoint);
  }

  /** Stops listening, asks clients to go (GOAWAY), answers the calls in flight for at most `drainMs`. */
  async shutdown(drainMs: number): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    const closed = new Promise<void>((done) => server.close(() => done()));
    for (const session of this.#connections.keys()) session.close();
    const force = setTimeout(() => {
      for (const session of this.#connections.keys()) session.destroy();
    }, drainMs);
    await closed;
    clearTimeout(force);
  }

  #connect(session: ServerHttp2Session): void {
    const connection = { peer: peerOf(session.socket), streams: 0 };
    this.#connections.set(session, connection);
    session.setLocalWindowSize(CONNECTION_WINDOW);
    session.once('close', () => this.#connections.delete(session));
    keepAlive(session, () => connection.streams, this.#config.keepalive);
  }

  #call(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    // Without a listener a client's reset would end the process; the call just has nobody to answer.
    stream.on('error', ignore);
    if (isGone(stream)) return;
    const session = stream.session;
    const connection = session && this.#connections.get(session as ServerHttp2Session);
    if (connection) {
      connection.streams++;
      stream.once('close', () => connection.streams--);
    }
    if (headers[':method'] !== 'POST' || !headers['content-type']?.startsWith('application/grpc')) {
      // As the gRPC protocol asks for what is no gRPC at all.
      stream.respond({ ':status': headers[':method'] === 'POST' ? 415 : 405 }, { endStream: true });
      stream.resume();
      return;
    }
    const call = new ExportCall(stream, headers, this.#intake, this.#limit);
    const path = headers[':path'] ?? '';
    const signal = Object.hasOwn(METHODS, path) ? METHODS[path]! : undefined;
    const encoding = headers['grpc-encoding']?.toString();
    if (!signal || !this.#intake.takes(signal)) call.refuse(unknownMethod(path, signal));
    else if (encoding !== undefined && !isSupported(encoding)) call.refuse(unsupportedEncoding(encoding));
    else call.run(signal, connection?.peer);
  }
}

function unknownMethod(path: string, signal: Signal | undefined): Refusal {
  const reason = signal ? `no pipeline takes ${signal} from this receiver` : `unknown method ${path}`;
  return new Refusal('unknown_method', GRPC.UNIMPLEMENTED, 404, reason);
}

function ignore(): void {}
