import { createRequire } from 'node:module';
import type { Signal } from '../../../src/collector/component.ts';

/** What protobufjs generates for a message; 64-bit integers in and out as decimal strings. */
interface Codec {
  decode(bytes: Uint8Array): object;
  encode(message: object): { finish(): Uint8Array };
  fromObject(plain: object): object;
  toObject(message: object, options: object): Record<string, unknown>;
}

interface Generated {
  readonly opentelemetry: {
    readonly proto: {
      readonly collector: {
        readonly trace: {
          readonly v1: {
            readonly ExportTraceServiceRequest: Codec;
            readonly ExportTraceServiceResponse: Codec;
          };
        };
        readonly metrics: { readonly v1: { readonly ExportMetricsServiceRequest: Codec } };
        readonly logs: { readonly v1: { readonly ExportLogsServiceRequest: Codec } };
      };
      readonly trace: { readonly v1: { readonly Span: Codec } };
    };
  };
}

// A CommonJS file whose names the module loader can not see, and whose types say nothing.
const generated: Generated = createRequire(import.meta.url)(
  '@opentelemetry/otlp-transformer/build/src/generated/root.js',
);

/** The OTLP schema in protobufjs: an implementation that shares nothing with ours. */
const { proto } = generated.opentelemetry;

const REQUESTS: Readonly<Record<Signal, Codec>> = {
  traces: proto.collector.trace.v1.ExportTraceServiceRequest,
  metrics: proto.collector.metrics.v1.ExportMetricsServiceRequest,
  logs: proto.collector.logs.v1.ExportLogsServiceRequest,
};

function decode(codec: Codec, bytes: Uint8Array): Record<string, unknown> {
  return codec.toObject(codec.decode(bytes), { longs: String });
}

/** The request as plain data; bytes as they are. */
export function decodeRequest(signal: Signal, body: Uint8Array): Record<string, unknown> {
  return decode(REQUESTS[signal], body);
}

export function encodeRequest(signal: Signal, request: object): Uint8Array {
  const codec = REQUESTS[signal];
  return new Uint8Array(codec.encode(codec.fromObject(request)).finish());
}

export interface PlainSpan {
  readonly traceId?: Uint8Array;
  readonly spanId?: Uint8Array;
  readonly parentSpanId?: Uint8Array;
  readonly traceState?: string;
  readonly flags?: number;
  readonly name?: string;
  readonly kind?: number;
  readonly startTimeUnixNano?: string;
  readonly endTimeUnixNano?: string;
  readonly attributes?: readonly { readonly key?: string; readonly value?: Record<string, unknown> }[];
  readonly links?: readonly object[];
  readonly status?: { readonly code?: number; readonly message?: string };
}

export function decodeSpan(span: Uint8Array): PlainSpan {
  return decode(proto.trace.v1.Span, span);
}

export function decodeTraceResponse(body: Uint8Array): Record<string, unknown> {
  return decode(proto.collector.trace.v1.ExportTraceServiceResponse, body);
}

/** The spans of a trace request, in order. */
export function decodeSpans(body: Uint8Array): PlainSpan[] {
  const request = decodeRequest('traces', body) as {
    resourceSpans?: { scopeSpans?: { spans?: PlainSpan[] }[] }[];
  };
  return (request.resourceSpans ?? []).flatMap((resource) =>
    (resource.scopeSpans ?? []).flatMap((scope) => scope.spans ?? []),
  );
}
