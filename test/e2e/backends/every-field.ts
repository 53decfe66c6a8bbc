import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';

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

/** 64 bits as protobufjs takes them. */
function bits(value: bigint): { low: number; high: number; unsigned: boolean } {
  return {
    low: Number(BigInt.asIntN(32, value)),
    high: Number(BigInt.asIntN(32, value >> 32n)),
    unsigned: false,
  };
}

const NESTED = { arrayValue: { values: [{ intValue: 1 }, { stringValue: '' }, { doubleValue: 1 }] } };
const ATTRIBUTES = [
  { key: 'text', value: { stringValue: 'größer than ASCII ✓' } },
  { key: 'empty', value: { stringValue: '' } },
  { key: 'no', value: { boolValue: false } },
  { key: 'largest', value: { intValue: bits(2n ** 63n - 1n) } },
  { key: 'smallest', value: { intValue: bits(-(2n ** 63n)) } },
  { key: 'whole double', value: { doubleValue: 3 } },
  { key: 'fraction', value: { doubleValue: 0.1 } },
  { key: 'bytes', value: { bytesValue: Buffer.from([0, 255, 128]) } },
  { key: 'list', value: NESTED },
  { key: 'map', value: { kvlistValue: { values: [{ key: 'inner', value: NESTED }] } } },
];

/**
 * An OTLP request with a trace that uses what the spans of the shop do not: events, links, an error, trace state, values
 * of every type, counts of what an SDK dropped. Ids are new each time, times are now.
 */
export function everyField(): Uint8Array {
  const traceId = randomBytes(16);
  const parentSpanId = randomBytes(8);
  const now = BigInt(Date.now()) * 1_000_000n;
  const lasting = (from: bigint, to: bigint) => ({
    startTimeUnixNano: bits(now + from),
    endTimeUnixNano: bits(now + to),
  });
  return Request.encode({
    resourceSpans: [
      {
        resource: {
          attributes: [{ key: 'service.name', value: { stringValue: 'every-field' } }, ...ATTRIBUTES],
          droppedAttributesCount: 1,
        },
        schemaUrl: 'https://opentelemetry.io/schemas/1.40.0',
        scopeSpans: [
          {
            scope: { name: 'tests', version: '1.2.3', attributes: ATTRIBUTES, droppedAttributesCount: 2 },
            schemaUrl: 'https://opentelemetry.io/schemas/1.41.0',
            spans: [
              {
                traceId,
                spanId: parentSpanId,
                name: 'parent',
                kind: 5,
                flags: 0x101,
                ...lasting(0n, 9_000_001n),
              },
              {
                traceId,
                spanId: randomBytes(8),
                parentSpanId,
                traceState: 'a=1,b=2',
                flags: 0x301,
                name: 'child',
                kind: 4,
                ...lasting(123n, 8_765_432n),
                attributes: ATTRIBUTES,
                droppedAttributesCount: 3,
                events: [
                  { timeUnixNano: bits(now + 1_001n), name: 'first', attributes: ATTRIBUTES },
                  { timeUnixNano: bits(now + 2_003n), name: 'second', droppedAttributesCount: 4 },
                ],
                droppedEventsCount: 5,
                links: [
                  {
                    traceId: randomBytes(16),
                    spanId: randomBytes(8),
                    traceState: 'c=3',
                    flags: 0x300,
                    attributes: ATTRIBUTES,
                    droppedAttributesCount: 6,
                  },
                ],
                droppedLinksCount: 7,
                status: { code: 2, message: 'it did not work' },
              },
            ],
          },
        ],
      },
    ],
  }).finish();
}
