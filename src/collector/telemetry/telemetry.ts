import type { Logger } from 'pino';
import type { BuildInfo } from '../build-info.ts';
import type { TelemetryConfig } from '../config/schema.ts';
import type { Counters } from '../counters.ts';
import { type PrometheusReader, prometheusReaders } from './config.ts';
import { MetricsServer } from './metrics-server.ts';
import { resourceAttributes } from './resource.ts';
import { SelfMetrics } from './self-metrics.ts';
import { OwnTraces } from './traces/own-traces.ts';
import type { OwnTracerProvider } from './traces/tracing.ts';

interface Served {
  readonly reader: PrometheusReader;
  readonly server: MetricsServer;
}

/** What a collector tells about itself while it runs, besides its log. */
export class Telemetry {
  readonly traces: OwnTraces;
  readonly #logger: Logger;
  readonly #served: readonly Served[];

  constructor(
    config: TelemetryConfig,
    buildInfo: BuildInfo,
    counters: Counters,
    logger: Logger,
    provider: OwnTracerProvider | undefined,
  ) {
    this.#logger = logger;
    const resource = resourceAttributes(buildInfo, config.resource);
    this.traces = new OwnTraces({ config: config.traces, resource, buildInfo, logger, provider });
    this.#served = prometheusReaders(config.metrics).map((reader) => ({
      reader,
      server: new MetricsServer(new SelfMetrics(counters, resource, reader)),
    }));
  }

  /** @throws {SpanloomError} when an address can not be listened on */
  async start(): Promise<void> {
    if (this.#served.length === 0) this.#logger.info('Internal metrics telemetry disabled');
    for (const { reader, server } of this.#served) {
      const url = await server.start(reader.host, reader.port);
      this.#logger.info({ url }, 'Serving internal metrics');
    }
  }

  async shutdown(): Promise<void> {
    await this.traces.shutdown();
    await Promise.all(this.#served.map(({ server }) => server.shutdown()));
  }
}
