/** What is said of an operation. */
export type OperationAttributes = Readonly<Record<string, string | number | boolean>>;

/** An operation under way. */
export interface Operation {
  /** It is over; an error says that it failed. */
  end(attributes: OperationAttributes, error?: unknown): void;
}

/** Traces this collector's own work, where `service::telemetry::traces` asks for it. */
export interface Tracing {
  /**
   * Begins a span, named as the Collector names its own: `receiver/otlp/TraceDataReceived`, `exporter/otlp/traces`.
   *
   * @param body the OTLP request worked on
   * @returns undefined where nothing is traced, or where `body` carries this collector's own spans: their way would be
   *   spans again, without end
   */
  begin(name: string, attributes: OperationAttributes, body: Uint8Array): Operation | undefined;
}

/** A tracer provider as far as it is needed here; every one of `@opentelemetry/api` fits. */
export interface OwnTracerProvider {
  getTracer(
    name: string,
    version?: string,
  ): {
    startSpan(
      name: string,
      options?: { root?: boolean; attributes?: Record<string, string | number | boolean> },
    ): OwnSpan;
  };
}

interface OwnSpan {
  setAttributes(attributes: Record<string, string | number | boolean>): unknown;
  setStatus(status: { code: 0 | 1 | 2; message?: string }): unknown;
  end(): void;
}
