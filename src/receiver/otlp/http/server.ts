import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { MILLISECOND } from '../../../collector/clock.ts';
import type { Signal } from '../../../collector/component.ts';
import { listen } from '../../../collector/listen.ts';
import { serverTlsOptions } from '../../../collector/server-tls.ts';
import { fromJson } from '../../../otlp/from-json.ts';
import type { HttpConfig } from '../config.ts';
import { decompress, isSupported, TooLargeError } from '../decompress.ts';
import type { Intake } from '../intake.ts';
import { peerOf } from '../peer.ts';
import { GRPC, Refusal } from '../refusal.ts';
import { answerRefusal, answerSuccess, answerText, JSON_TYPE, PROTOBUF } from './answer.ts';
import { Cors } from './cors.ts';
import { readBody, tooLarge } from './read-body.ts';

const DEFAULT_LIMIT = 20 * 1024 * 1024;

/** OTLP/HTTP with protobuf and JSON bodies. */
export class HttpServer {
  readonly #config: HttpConfig;
  readonly #intake: Intake;
  readonly #limit: number;
  readonly #paths: ReadonlyMap<string, Signal>;
  readonly #cors: Cors | undefined;
  #server: Server | undefined;

  constructor(config: HttpConfig, intake: Intake) {
    this.#config = config;
    this.#intake = intake;
    this.#limit = config.max_request_body_size || DEFAULT_LIMIT;
    this.#paths = new Map<string, Signal>([
      [absolute(config.traces_url_path), 'traces'],
      [absolute(config.metrics_url_path), 'metrics'],
      [absolute(config.logs_url_path), 'logs'],
    ]);
    this.#cors = config.cors && config.cors.allowed_origins.length > 0 ? new Cors(config.cors) : undefined;
  }

  /** Resolves with the port it listens on. */
  async start(): Promise<number> {
    const { tls, endpoint } = this.#config;
    const server = tls ? createSecureServer(await serverTlsOptions(tls)) : createServer();
    this.#server = server;
    this.#setTimeouts(server);
    server.on('request', (request, response) => this.#serve(request, response));
    server.on('tlsClientError', (error) => this.#intake.brokenConnection(error));
    server.on('clientError', (error, socket) => {
      this.#intake.brokenConnection(error);
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
      else socket.destroy();
    });
    return listen(server, endpoint);
  }

  /** Stops listening, answers the requests in flight for at most `drainMs`. */
  async shutdown(drainMs: number): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    const closed = new Promise<void>((done) => server.close(() => done()));
    // A connection that becomes idle now is not reused: its response said `Connection: close`, or it is
    // closed here.
    const sweep = setInterval(() => server.closeIdleConnections(), 50);
    const force = setTimeout(() => server.closeAllConnections(), drainMs);
    await closed;
    clearInterval(sweep);
    clearTimeout(force);
  }

  #setTimeouts(server: Server): void {
    const { read_timeout, read_header_timeout, idle_timeout, keep_alives_enabled } = this.#config;
    // Zero is no limit in the Collector; Node's own of 60 s for the header and 300 s for the request stay.
    if (read_timeout > 0) server.requestTimeout = read_timeout / MILLISECOND;
    if (read_header_timeout > 0) server.headersTimeout = read_header_timeout / MILLISECOND;
    server.keepAliveTimeout = idle_timeout / MILLISECOND;
    if (!keep_alives_enabled) server.maxRequestsPerSocket = 1;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of Object.entries(this.#config.response_headers))
      response.setHeader(name, value);
    if (!this.#server) response.setHeader('Connection', 'close');
    const signal = this.#paths.get(request.url?.split('?', 1)[0] ?? '');
    if (this.#cors?.handle(request, response)) request.resume();
    else if (!signal || !this.#intake.takes(signal)) {
      answerText(response, 404, '404 page not found');
      request.resume();
    } else if (request.method !== 'POST') {
      answerText(response, 405, '405 method not allowed, supported: [POST]', { Allow: 'POST' });
      request.resume();
    } else void this.#export(signal, request, response);
  }

  async #export(signal: Signal, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const contentType = (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
    const peer = peerOf(request.socket);
    try {
      const encoding = this.#checkHeaders(request, contentType);
      const body = await readBody(request, this.#limit);
      const plain = await this.#decompress(encoding, body);
      const message = contentType === JSON_TYPE ? fromJson(signal, plain) : plain;
      await this.#intake.accept(signal, message, peer);
      if (!response.destroyed) answerSuccess(response, contentType);
    } catch (error) {
      const refusal = this.#intake.refuse(error);
      request.resume();
      if (response.destroyed) return;
      if (refusal.reason === 'unsupported_media_type')
        answerText(response, refusal.httpStatus, refusal.message);
      else answerRefusal(response, refusal, contentType);
    }
  }

  /** @returns the content encoding. */
  #checkHeaders(request: IncomingMessage, contentType: string): string {
    if (contentType !== PROTOBUF && contentType !== JSON_TYPE)
      throw new Refusal(
        'unsupported_media_type',
        GRPC.INVALID_ARGUMENT,
        415,
        `415 unsupported media type, supported: [${JSON_TYPE}, ${PROTOBUF}]`,
      );
    const encoding = (request.headers['content-encoding'] ?? '').trim().toLowerCase();
    const named = encoding === 'identity' ? '' : encoding;
    if (!isSupported(named) || !this.#config.compression_algorithms.some((name) => name === named))
      throw new Refusal(
        'unsupported_encoding',
        GRPC.INVALID_ARGUMENT,
        400,
        `unsupported Content-Encoding: ${encoding}`,
      );
    return named;
  }

  async #decompress(encoding: string, body: Uint8Array): Promise<Uint8Array> {
    try {
      return await decompress(encoding, body, this.#limit);
    } catch (error) {
      if (error instanceof TooLargeError) throw tooLarge(this.#limit);
      throw new Refusal(
        'malformed',
        GRPC.INVALID_ARGUMENT,
        400,
        `the body can not be decompressed as ${encoding}: ${(error as Error).message}`,
        undefined,
        { cause: error },
      );
    }
  }
}

function absolute(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}
