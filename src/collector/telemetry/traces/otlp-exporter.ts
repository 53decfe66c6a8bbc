import type { Logger } from 'pino';
import { otlpGrpcExporter } from '../../../exporter/otlp/factory.ts';
import { otlpHttpExporter } from '../../../exporter/otlphttp/factory.ts';
import { fromReadableSpans } from '../../../sdk/encode/from-readable-spans.ts';
import type { SdkSpan } from '../../../sdk/readable-span.ts';
import type { ExportResult, SdkSpanExporter } from '../../../sdk/span-exporter.ts';
import type { BuildInfo } from '../../build-info.ts';
import { SystemClock } from '../../clock.ts';
import type { Component, Settings, TracesConsumer } from '../../component.ts';
import { Counters } from '../../counters.ts';
import type { ExporterConfig } from './config.ts';

/** The span processor keeps the queue; what it exports is tried again for as long as the specification says. */
const DIRECT = {
  sending_queue: { enabled: false },
  retry_on_failure: { initial_interval: '1s', max_elapsed_time: '30s' },
};

/** An exporter for the collector's own spans that sends them as its OTLP exporters send those of others. */
export class OwnOtlpExporter implements SdkSpanExporter {
  readonly #exporter: Component & TracesConsumer;
  readonly #underWay = new Set<Promise<void>>();

  private constructor(exporter: Component & TracesConsumer) {
    this.#exporter = exporter;
  }

  /** Resolves when it can export; rejects where certificates can not be read. */
  static async start(config: ExporterConfig, logger: Logger, buildInfo: BuildInfo): Promise<OwnOtlpExporter> {
    const exporter = create(config, settings(logger, buildInfo));
    await exporter.start({
      fatal: (error) => logger.error({ err: error }, 'Own traces can not be exported'),
      finished() {},
    });
    return new OwnOtlpExporter(exporter);
  }

  export(spans: readonly SdkSpan[], resultCallback: (result: ExportResult) => void): void {
    const exported = this.#exporter.consumeTraces(fromReadableSpans(spans)).then(
      () => resultCallback({ code: 0 }),
      (error: Error) => resultCallback({ code: 1, error }),
    );
    this.#underWay.add(exported);
    void exported.finally(() => this.#underWay.delete(exported));
  }

  async forceFlush(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async shutdown(): Promise<void> {
    await this.forceFlush();
    await this.#exporter.shutdown();
  }
}

function create(config: ExporterConfig, settings: Settings): Component & TracesConsumer {
  const { otlp, otlp_http: http, otlp_grpc: grpc } = config;
  if (grpc || otlp?.protocol === 'grpc') {
    const { endpoint, headers, compression, timeout } = (grpc ?? otlp)!;
    const tls = grpc
      ? { ...present(grpc.tls ?? {}) }
      : present({ insecure: otlp!.insecure, ...certificates(otlp!) });
    const section = { ...DIRECT, endpoint, headers, compression, timeout: `${timeout}ms`, tls };
    return otlpGrpcExporter.createTraces(settings, otlpGrpcExporter.config.parse(section));
  }
  const { endpoint, headers, compression, timeout } = (http ?? otlp)!;
  const json = http ? http.encoding === 'json' : otlp!.protocol === 'http/json';
  const section = {
    ...DIRECT,
    traces_endpoint: tracesUrl(endpoint),
    encoding: json ? 'json' : 'proto',
    headers,
    compression,
    timeout: `${timeout}ms`,
    tls: present(http ? (http.tls ?? {}) : certificates(otlp!)),
  };
  return otlpHttpExporter.createTraces(settings, otlpHttpExporter.config.parse(section));
}

type Otlp = NonNullable<ExporterConfig['otlp']>;

function certificates({ certificate, client_certificate, client_key }: Otlp) {
  return { ca_file: certificate, cert_file: client_certificate, key_file: client_key };
}

function present(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== null),
  );
}

/** As the SDKs read it: without scheme it is `http`, without path that of traces. */
function tracesUrl(endpoint: string): string {
  const url = new URL(endpoint.includes('://') ? endpoint : `http://${endpoint}`);
  if (url.pathname === '/') url.pathname = '/v1/traces';
  return url.href;
}

/** What is exported here is not counted among what the pipelines export. */
function settings(logger: Logger, buildInfo: BuildInfo): Settings {
  return {
    id: 'service/telemetry/traces',
    logger: logger.child({ 'otelcol.component.id': 'service/telemetry/traces' }),
    clock: new SystemClock(),
    counters: new Counters(),
    buildInfo,
    taps: new Set(),
    shared: (make) => make(),
  };
}
