import type { ReadableSpan, SdkSpan } from './readable-span.ts';

/** `ExportResult` of `@opentelemetry/core`: `code` 0 is success, 1 failure. */
export interface ExportResult {
  code: 0 | 1;
  error?: Error;
}

/** A `SpanExporter` that an SDK's span processor can be given, of 2.x and of 3.x. */
export interface SdkSpanExporter {
  export(spans: readonly SdkSpan[], resultCallback: (result: ExportResult) => void): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** Any `SpanExporter` of an SDK, of 2.x or of 3.x. */
export interface AnySpanExporter {
  export(spans: ReadableSpan[], resultCallback: (result: { code: number; error?: Error }) => void): void;
  forceFlush?(): Promise<void>;
  shutdown(): Promise<void>;
}
