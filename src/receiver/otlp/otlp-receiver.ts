import type { Component, Consumers, Host, Settings } from '../../collector/component.ts';
import type { OtlpReceiverConfig } from './config.ts';
import { GrpcServer } from './grpc/server.ts';
import { HttpServer } from './http/server.ts';
import { Intake } from './intake.ts';

/** Calls in flight at shutdown are answered within this time, or their connections end. */
const DRAIN_MS = 5000;

/** The OTLP receiver: one server a protocol, whatever the number of signals that pipelines take from it. */
export class OtlpReceiver implements Component {
  /** Filled in while the pipelines are built. */
  readonly consumers: Partial<Consumers> = {};
  readonly #settings: Settings;
  readonly #config: OtlpReceiverConfig;
  readonly #grpc: GrpcServer | undefined;
  readonly #http: HttpServer | undefined;
  /** The ports listened on, once started. */
  readonly ports: { grpc?: number; http?: number } = {};
  #started: Promise<void> | undefined;

  constructor(settings: Settings, config: OtlpReceiverConfig) {
    this.#settings = settings;
    this.#config = config;
    const { grpc, http } = config.protocols ?? {};
    this.#grpc = grpc && new GrpcServer(grpc, new Intake(settings, 'grpc', this.consumers));
    this.#http = http && new HttpServer(http, new Intake(settings, 'http', this.consumers));
  }

  start(_host: Host): Promise<void> {
    this.#started ??= this.#listen();
    return this.#started;
  }

  async shutdown(): Promise<void> {
    await Promise.all([this.#grpc?.shutdown(DRAIN_MS), this.#http?.shutdown(DRAIN_MS)]);
  }

  async #listen(): Promise<void> {
    const { logger } = this.#settings;
    const { grpc, http } = this.#config.protocols ?? {};
    if (grpc?.include_metadata || http?.include_metadata)
      logger.warn('include_metadata has no effect: no component reads the metadata of a client');
    if (this.#grpc) {
      this.ports.grpc = await this.#grpc.start();
      logger.info({ endpoint: `${grpc!.endpoint.host}:${this.ports.grpc}` }, 'Starting GRPC server');
    }
    if (this.#http) {
      this.ports.http = await this.#http.start();
      logger.info({ endpoint: `${http!.endpoint.host}:${this.ports.http}` }, 'Starting HTTP server');
    }
  }
}
