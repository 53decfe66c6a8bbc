import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { BuildInfo } from '../../build-info.ts';
import { asksForTraces, type TracesConfig } from './config.ts';
import { type StartedProvider, startProvider } from './provider.ts';
import type { Operation, OperationAttributes, OwnTracerProvider, Tracing } from './tracing.ts';

/** On every span of a collector's own, so that it knows them again when they come back to it. */
const MARK = 'spanloom.collector.id';
const ERROR = 2;

export interface OwnTracesOptions {
  readonly config: TracesConfig;
  readonly resource: Readonly<Record<string, string>>;
  readonly buildInfo: BuildInfo;
  readonly logger: Logger;
  /** An application's own, which is used instead of what the configuration says. */
  readonly provider: OwnTracerProvider | undefined;
}

/** The collector's own traces, from its start to its end; nothing is traced before and after. */
export class OwnTraces implements Tracing {
  readonly #options: OwnTracesOptions;
  readonly #id: string = randomUUID();
  readonly #mark = Buffer.from(this.#id);
  #tracer: ReturnType<OwnTracerProvider['getTracer']> | undefined;
  #started: StartedProvider | undefined;

  constructor(options: OwnTracesOptions) {
    this.#options = options;
  }

  /** @throws {SpanloomError} when the provider that the configuration describes can not be made */
  async start(): Promise<void> {
    const { config, resource, logger, buildInfo } = this.#options;
    let { provider } = this.#options;
    if (!provider) {
      if (!asksForTraces(config)) return;
      this.#started = await startProvider(config, resource, logger, buildInfo);
      provider = this.#started;
    }
    this.#tracer = provider.getTracer(buildInfo.command, buildInfo.version);
  }

  begin(name: string, attributes: OperationAttributes, body: Uint8Array): Operation | undefined {
    if (!this.#tracer || this.#isOwn(body)) return undefined;
    const options = { root: true, attributes: { ...attributes, [MARK]: this.#id } };
    const span = this.#tracer.startSpan(name, options);
    return {
      end: (more, error) => {
        span.setAttributes({ ...more });
        if (error !== undefined)
          span.setStatus({ code: ERROR, message: error instanceof Error ? error.message : String(error) });
        span.end();
      },
    };
  }

  /** Resolves when what was traced has been exported. */
  async shutdown(): Promise<void> {
    this.#tracer = undefined;
    const started = this.#started;
    this.#started = undefined;
    try {
      await started?.shutdown();
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'Some of the own traces were not exported');
    }
  }

  #isOwn(body: Uint8Array): boolean {
    return Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes(this.#mark);
  }
}
