import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import type { BuildInfo } from './build-info.ts';
import type { Host } from './component.ts';
import type { CollectorConfig } from './config/collector-config.ts';
import { during } from './config/problem.ts';
import type { Counters } from './counters.ts';
import { chooseClock } from './graph/clock.ts';
import { buildExtensions, type ExtensionNode } from './graph/extensions.ts';
import { buildGraph, type Node } from './graph/graph.ts';
import { shutdownAll, startAll } from './graph/lifecycle.ts';
import { SettingsFactory } from './graph/settings.ts';
import { Telemetry } from './telemetry/telemetry.ts';
import type { OwnTracerProvider } from './telemetry/traces/tracing.ts';

/** One configuration, running: its pipelines, the extensions around them, and what it tells about itself. A reload replaces it. */
export class Service {
  readonly #telemetry: Telemetry;
  readonly #extensions: readonly ExtensionNode[];
  readonly #pipelines: readonly Node[];

  /** @throws when a component can not be made; nothing was started then */
  constructor(
    config: CollectorConfig,
    readonly logger: Logger,
    readonly buildInfo: BuildInfo,
    counters: Counters,
    tracerProvider: OwnTracerProvider | undefined,
  ) {
    this.#telemetry = new Telemetry(config.service.telemetry, buildInfo, counters, logger, tracerProvider);
    try {
      const clock = chooseClock(config);
      const tracing = this.#telemetry.traces;
      const settings = new SettingsFactory({ logger, clock, counters, buildInfo, tracing });
      this.#extensions = buildExtensions(config, settings);
      this.#pipelines = buildGraph(config, settings);
    } catch (error) {
      throw during('failed to build pipelines', error);
    }
  }

  /** @throws naming the component that did not start, after everything was shut down again */
  async start(host: Host): Promise<void> {
    const { command, version } = this.buildInfo;
    this.logger.info({ Version: version, NumCPU: availableParallelism() }, `Starting ${command}...`);
    try {
      await step('failed to create meter provider', this.#telemetry.start());
      await step('failed to create tracer provider', this.#telemetry.traces.start());
      await step('failed to start extensions', startAll(this.#extensions, host, this.logger));
      await step('cannot start pipelines', startAll(this.#pipelines, host, this.logger));
      for (const { component } of this.#extensions) component.ready?.();
    } catch (error) {
      await this.shutdown().catch((err) => this.logger.error({ err }, 'Shutdown after the failed start'));
      throw error;
    }
  }

  async shutdown(): Promise<void> {
    for (const { component } of this.#extensions) component.notReady?.();
    try {
      await step('failed to shutdown pipelines', shutdownAll(this.#pipelines));
    } finally {
      try {
        await step('failed to shutdown extensions', shutdownAll(this.#extensions));
      } finally {
        await this.#telemetry.shutdown();
      }
    }
  }
}

async function step(name: string, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw during(name, error);
  }
}
