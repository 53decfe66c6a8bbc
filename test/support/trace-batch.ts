import { createRequire } from 'node:module';
import { OtlpBatch } from '../../src/otlp/batch.ts';

const require = createRequire(import.meta.url);
const { opentelemetry } = require('@opentelemetry/otlp-transformer/build/src/generated/root.js') as {
  opentelemetry: {
    proto: {
      collector: {
        trace: {
          v1: { ExportTraceServiceRequest: { encode(message: object): { finish(): Uint8Array } } };
        };
      };
    };
  };
};
const Request = opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;

const KINDS = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;

type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface SampleSpan {
  readonly service: string;
  readonly name: string;
  readonly kind?: keyof typeof KINDS;
  /** 16 hex digits; shorter ones are filled up with zeros from the left. */
  readonly id: string;
  readonly parent?: string;
  /** Milliseconds after `START_MS`. */
  readonly start?: number;
  /** Milliseconds. */
  readonly duration?: number;
  /** From an SDK; otherwise a zero-code span of scope `spanloom`. */
  readonly sdk?: boolean;
  readonly evidence?: string;
  readonly ambiguous?: boolean;
  readonly error?: string;
  readonly attributes?: Attributes;
  readonly trace?: string;
}

/** 2026-11-23T15:00:00.000Z, in milliseconds. */
const START_MS = Date.UTC(2026, 10, 23, 15);
export const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

/** A batch of these spans, each in a resource of its own, as an independent OTLP encoder writes it. */
export function traceBatch(spans: readonly SampleSpan[]): OtlpBatch {
  const body = Request.encode({ resourceSpans: spans.map(resourceSpans) }).finish();
  return new OtlpBatch(body, spans.length);
}

function resourceSpans(sample: SampleSpan): object {
  const { service, name, kind = 'internal', start = 0, duration = 1, error, evidence, ambiguous } = sample;
  return {
    resource: { attributes: keyValues({ 'service.name': service }) },
    scopeSpans: [
      {
        scope: { name: sample.sdk ? '@opentelemetry/instrumentation-http' : 'spanloom', version: '1.0.0' },
        spans: [
          {
            traceId: Buffer.from(sample.trace ?? TRACE_ID, 'hex'),
            spanId: id(sample.id),
            parentSpanId: sample.parent === undefined ? undefined : id(sample.parent),
            name,
            kind: KINDS[kind],
            startTimeUnixNano: nanos(START_MS + start),
            endTimeUnixNano: nanos(START_MS + start + duration),
            attributes: keyValues({
              ...sample.attributes,
              ...(evidence !== undefined && { 'spanloom.link.evidence': evidence }),
              ...(ambiguous !== undefined && { 'spanloom.link.ambiguous': ambiguous }),
            }),
            ...(error !== undefined && { status: { code: 2, message: error } }),
          },
        ],
      },
    ],
  };
}

function id(hex: string): Buffer {
  return Buffer.from(hex.padStart(16, '0'), 'hex');
}

/** As decimal text: protobufjs then keeps all 64 bits. */
function nanos(ms: number): { low: number; high: number; unsigned: boolean } {
  const value = BigInt(Math.round(ms * 1000)) * 1000n;
  return { low: Number(BigInt.asIntN(32, value)), high: Number(value >> 32n), unsigned: true };
}

function keyValues(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value:
      typeof value === 'string'
        ? { stringValue: value }
        : typeof value === 'boolean'
          ? { boolValue: value }
          : { intValue: value },
  }));
}

/** One order of a small shop, seen by the kernel and by the SDKs of `web` and `price`. */
export const SHOP_ORDER: readonly SampleSpan[] = [
  { service: 'nginx', name: 'POST /order', kind: 'server', id: '1', duration: 23.4 },
  {
    service: 'nginx',
    name: 'POST',
    kind: 'client',
    id: '2',
    parent: '1',
    start: 0.2,
    duration: 22.9,
    evidence: 'slice',
  },
  {
    service: 'web',
    name: 'POST /order',
    kind: 'server',
    id: '3',
    parent: '2',
    start: 1,
    duration: 21.6,
    sdk: true,
    evidence: 'peer',
  },
  {
    service: 'web',
    name: 'POST',
    kind: 'client',
    id: '4',
    parent: '3',
    start: 3,
    duration: 18.25,
    sdk: true,
  },
  {
    service: 'stock',
    name: 'POST',
    kind: 'server',
    id: '5',
    parent: '4',
    start: 3.6,
    duration: 17.1,
    evidence: 'wire_context',
  },
  {
    service: 'stock',
    name: 'SELECT stock',
    kind: 'client',
    id: '6',
    parent: '5',
    start: 4.1,
    duration: 2.12,
    evidence: 'thread',
    attributes: { 'db.system.name': 'postgresql' },
  },
  {
    service: 'stock',
    name: 'GET',
    kind: 'client',
    id: '7',
    parent: '5',
    start: 6.9,
    duration: 0.385,
    evidence: 'thread',
    attributes: { 'db.system.name': 'redis' },
  },
  {
    service: 'stock',
    name: 'GET',
    kind: 'client',
    id: '8',
    parent: '5',
    start: 8,
    duration: 11.8,
    evidence: 'thread',
  },
  {
    service: 'price',
    name: 'GET /price',
    kind: 'server',
    id: '9',
    parent: '8',
    start: 9,
    duration: 10.2,
    sdk: true,
    evidence: 'peer',
  },
  {
    service: 'price',
    name: 'GET',
    kind: 'client',
    id: 'a',
    parent: '9',
    start: 14,
    duration: 0.291,
    evidence: 'sdk_span',
    attributes: { 'db.system.name': 'redis' },
  },
];
