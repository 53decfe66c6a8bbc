import type { Logger } from 'pino';
import { SpanloomError } from '../error.ts';
import { type BuildInfo, ownBuildInfo } from './build-info.ts';
import type { Factories, Host } from './component.ts';
import { assertValid, type ConfigInput, loadConfig } from './config/load.ts';
import { during } from './config/problem.ts';
import { Counters } from './counters.ts';
import { within } from './deadline.ts';
import { createLogger } from './logging/logger.ts';
import { Service } from './service.ts';
import type { OwnTracerProvider } from './telemetry/traces/tracing.ts';

export interface CollectorSettings {
  readonly config: ConfigInput;
  readonly factories: Factories;
  /** This package's by default. */
  readonly buildInfo?: BuildInfo;
  /** By default the one that `service::telemetry::logs` asks for. */
  readonly logger?: Logger;
  /** How long `shutdown` may take to hand on what was accepted, in milliseconds; 30 000 by default. */
  readonly drainTimeoutMs?: number;
  /** Where the collector traces its own work, instead of what `service::telemetry::traces` says. */
  readonly tracerProvider?: OwnTracerProvider;
}

export type CollectorState = 'new' | 'starting' | 'running' | 'closing' | 'closed';

/**
 * A configured set of pipelines with one life: `run()`, or `start()` and later `shutdown()`.
 *
 * ```ts
 * import { builtinFactories, Collector } from 'spanloom';
 *
 * const collector = new Collector({
 *   config: {
 *     locations: ['yaml:{ receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:0" } } } }, exporters: { nop: } }'],
 *     set: [
 *       'service.pipelines.traces.receivers=[otlp]',
 *       'service.pipelines.traces.exporters=["${env:EXPORTER}"]',
 *       'service.telemetry.metrics.level=none',
 *     ],
 *     env: { EXPORTER: 'nop' },
 *   },
 *   factories: builtinFactories,
 * });
 * process.once('SIGTERM', () => collector.shutdown());
 * setTimeout(() => collector.shutdown(), 100);
 * await collector.run();
 * ```
 */
export class Collector {
  /** Counts since this collector was made, across reloads. */
  readonly counters = new Counters();
  readonly #settings: CollectorSettings;
  readonly #buildInfo: BuildInfo;
  readonly #host: Host;
  readonly #ended: Promise<void>;
  #resolveEnded: () => void = () => {};
  #rejectEnded: (error: unknown) => void = () => {};
  #state: CollectorState = 'new';
  #service: Service | undefined;
  #keepAlive: NodeJS.Timeout | undefined;
  /** Start, reload and shutdown wait for one another here. */
  #last: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(settings: CollectorSettings) {
    this.#settings = settings;
    this.#buildInfo = settings.buildInfo ?? ownBuildInfo();
    this.#host = {
      fatal: (error) => void this.#close(error).catch(() => {}),
      finished: () => void this.#close().catch(() => {}),
    };
    this.#ended = new Promise((resolve, reject) => {
      this.#resolveEnded = resolve;
      this.#rejectEnded = reject;
    });
    this.#ended.catch(() => {});
  }

  get state(): CollectorState {
    return this.#state;
  }

  /**
   * Starts, and resolves when the collector has come to its end: by `shutdown()`, or because a component finished.
   *
   * @throws {ConfigError} when the configuration is wrong
   * @throws {SpanloomError} when a component does not start, gives up, or does not shut down in time
   */
  async run(): Promise<void> {
    await this.start();
    await this.#ended;
  }

  /** Settles when a collector that was started has come to its end, as the promise of `run` does. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Resolves when every component has started. Errors as of `run`. */
  start(): Promise<void> {
    if (this.#state !== 'new')
      throw new SpanloomError(
        'SPANLOOM_COLLECTOR_STATE',
        `this collector is ${this.#state}: a collector is started once, make a new one`,
      );
    this.#state = 'starting';
    return this.#inTurn(async () => {
      try {
        await this.#startService();
      } catch (error) {
        this.#end(error);
        throw error;
      }
    });
  }

  /**
   * Stops receiving, hands on what was accepted, stops the rest. Safe to call at any time and more than once.
   *
   * @throws {SpanloomError} what went wrong on the way, `SPANLOOM_SHUTDOWN_TIMEOUT` after the drain time-out
   */
  shutdown(): Promise<void> {
    return this.#close();
  }

  /**
   * Reads the configuration again and replaces all components. When that fails the collector ends, as the
   * OpenTelemetry Collector does; `run` rejects with the same error.
   */
  reload(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#state !== 'running') return;
      this.#service?.logger.warn('Config updated, restart service');
      try {
        const next = this.#load();
        await this.#shutdownService();
        await this.#startService(next);
      } catch (error) {
        await this.#shutdownService().catch(() => {});
        const failure = during('failed to reload config', error);
        this.#end(failure);
        throw failure;
      }
    });
  }

  #load(): Service {
    const { config: input, factories } = this.#settings;
    const loaded = loadConfig(input, factories);
    try {
      assertValid(loaded);
    } catch (error) {
      throw during('invalid configuration', error);
    }
    const logger = this.#settings.logger ?? createLogger(loaded.config.service.telemetry.logs);
    for (const { level, message, fields } of loaded.notices) logger[level](fields, message);
    return new Service(loaded.config, logger, this.#buildInfo, this.counters, this.#settings.tracerProvider);
  }

  async #startService(service: Service = this.#load()): Promise<void> {
    this.#service = undefined;
    await service.start(this.#host);
    this.#service = service;
    // Timers of components do not keep the process alive, and not every receiver has a socket.
    this.#keepAlive ??= setInterval(() => {}, 2 ** 31 - 1);
    this.#state = 'running';
    service.logger.info('Everything is ready. Begin running and processing data.');
  }

  #close(error?: Error): Promise<void> {
    this.#closing ??= this.#inTurn(async () => {
      if (this.#state === 'closed') return;
      this.#state = 'closing';
      const logger = this.#service?.logger;
      if (error) logger?.error({ err: error }, 'A component can not go on');
      logger?.info('Starting shutdown...');
      let failure: unknown = error;
      try {
        await this.#shutdownService();
      } catch (error) {
        failure ??= error;
        logger?.error({ err: error }, 'Shutdown failed');
      }
      logger?.info(nonZero(this.counters), 'Counts since the start');
      logger?.info('Shutdown complete.');
      this.#end(failure);
      if (failure && failure !== error) throw failure;
    });
    return this.#closing;
  }

  async #shutdownService(): Promise<void> {
    const service = this.#service;
    this.#service = undefined;
    if (!service) return;
    const { drainTimeoutMs = 30_000 } = this.#settings;
    await within(service.shutdown(), drainTimeoutMs, () => {
      const message = `shutdown did not finish within ${drainTimeoutMs} ms: what had been accepted may not have been handed on`;
      return new SpanloomError('SPANLOOM_SHUTDOWN_TIMEOUT', message);
    });
  }

  #end(error?: unknown): void {
    this.#state = 'closed';
    clearInterval(this.#keepAlive);
    if (error) this.#rejectEnded(error);
    else this.#resolveEnded();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}

function nonZero(counters: Counters): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { name, kind, attributes, value } of counters.entries()) {
    if (value === 0 || kind === 'gauge') continue;
    const labels = Object.entries(attributes).map(([key, label]) => `${key}=${label}`);
    counts[labels.length > 0 ? `${name}{${labels.join(',')}}` : name] = value;
  }
  return counts;
}
