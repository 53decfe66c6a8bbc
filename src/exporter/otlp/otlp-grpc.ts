import type { ClientHttp2Session, OutgoingHttpHeaders } from 'node:http2';
import type { ConnectionOptions } from 'node:tls';
import { MILLISECOND } from '../../collector/clock.ts';
import type { Settings, Signal } from '../../collector/component.ts';
import { type Compress, compressor } from '../client/compression.ts';
import { describeError } from '../client/describe-error.ts';
import { checkRequestSize } from '../client/limits.ts';
import { readResponse } from '../client/response.ts';
import { tlsOptions } from '../client/tls.ts';
import { Pauses } from '../queue/pauses.ts';
import type { ExportResult, Transport } from '../queue/transport.ts';
import { Channel } from './channel.ts';
import type { OtlpGrpcConfig } from './config.ts';
import { connect } from './connect.ts';
import { frame } from './grpc-frame.ts';
import type { GrpcOutcome } from './grpc-status.ts';
import { keepAlive } from './keepalive.ts';
import { statusError } from './status-error.ts';
import { unaryCall } from './unary-call.ts';
import { within } from './within.ts';

const SERVICE: Readonly<Record<Signal, string>> = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
};

/** OTLP/gRPC over one HTTP/2 connection. */
export class OtlpGrpcTransport implements Transport {
  readonly #config: OtlpGrpcConfig;
  readonly #encrypted: boolean;
  readonly #compress: Compress;
  readonly #headers: OutgoingHttpHeaders;
  readonly #timeoutMs: number;
  readonly #channel: Channel;
  #tls: ConnectionOptions | undefined;
  readonly #pauses = new Pauses();
  #calls = 0;
  #stopping = false;

  constructor(settings: Settings, signal: Signal, config: OtlpGrpcConfig) {
    this.#config = config;
    this.#encrypted = config.endpoint.encrypted ?? !config.tls.insecure;
    this.#compress = compressor(config.compression);
    this.#timeoutMs = config.timeout / MILLISECOND;
    const { command, version } = settings.buildInfo;
    this.#headers = {
      ':method': 'POST',
      ':scheme': this.#encrypted ? 'https' : 'http',
      ':path': SERVICE[signal],
      ':authority': config.authority || config.endpoint.authority,
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': config.user_agent || `${command}/${version}`,
      ...(config.compression !== 'none' && { 'grpc-encoding': config.compression }),
      'grpc-accept-encoding': 'identity,gzip',
      ...config.headers,
    };
    this.#channel = new Channel(() => this.#connect());
  }

  async start(): Promise<void> {
    if (this.#encrypted) this.#tls = await tlsOptions(this.#config.tls);
  }

  async send(body: Uint8Array): Promise<ExportResult> {
    checkRequestSize(body);
    const compressed = this.#config.compression !== 'none';
    const message = frame(await this.#compress(body), compressed);
    const deadline = this.#timeoutMs > 0 ? performance.now() + this.#timeoutMs : Number.POSITIVE_INFINITY;
    let outcome = await this.#call(message, deadline);
    // A server that goes away may refuse what was already on the way to it; another connection serves it at once.
    if (outcome.unprocessed) outcome = await this.#call(message, deadline);
    if (outcome.status !== 'OK') throw statusError(outcome);
    return readResponse(outcome.body!);
  }

  hurry(): void {
    this.#stopping = true;
    this.#channel.hurry();
    this.#pauses.wakeAll();
  }

  async shutdown(): Promise<void> {
    this.#channel.close();
  }

  async #call(message: Uint8Array, deadline: number): Promise<GrpcOutcome> {
    this.#calls++;
    try {
      const session = this.#channel.ready() ?? (await this.#session(deadline));
      if (deadline === Number.POSITIVE_INFINITY) return await unaryCall(session, this.#headers, message, 0);
      const leftMs = Math.max(1, deadline - performance.now());
      const headers = { ...this.#headers, 'grpc-timeout': `${Math.ceil(leftMs)}m` };
      return await unaryCall(session, headers, message, leftMs);
    } catch (error) {
      const { authority } = this.#config.endpoint;
      return { status: 'UNAVAILABLE', message: `no connection to ${authority}: ${describeError(error)}` };
    } finally {
      this.#calls--;
    }
  }

  async #session(deadline: number): Promise<ClientHttp2Session> {
    for (;;) {
      try {
        return await within(this.#channel.session(), deadline);
      } catch (error) {
        const leftMs = deadline - performance.now();
        if (!this.#config.wait_for_ready || this.#stopping || leftMs <= 0) throw error;
        await this.#pauses.sleep(Math.min(this.#channel.msToRetry(), leftMs));
      }
    }
  }

  async #connect(): Promise<ClientHttp2Session> {
    const session = await connect(this.#config.endpoint, this.#tls);
    const { keepalive } = this.#config;
    if (keepalive)
      keepAlive(
        session,
        {
          timeMs: keepalive.time / MILLISECOND,
          timeoutMs: keepalive.timeout / MILLISECOND,
          permitWithoutStream: keepalive.permit_without_stream,
        },
        () => this.#calls > 0,
      );
    return session;
  }
}
