import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OtlpBatch } from '../../src/otlp/batch.ts';
import { countItems } from '../../src/otlp/count-items.ts';
import { MalformedOtlpError } from '../../src/otlp/malformed.ts';
import { toJson } from '../../src/otlp/to-json.ts';
import { toReadableSpans } from '../../src/sdk/decode/to-readable-spans.ts';
import { ParsedTraceState } from '../../src/sdk/decode/trace-state.ts';
import { fromReadableSpans } from '../../src/sdk/encode/from-readable-spans.ts';
import type { ReadableSpan } from '../../src/sdk/readable-span.ts';
import { arbitraryRequest } from '../otlp/support/arbitrary-request.ts';
import { encodeRequest } from '../otlp/support/oracle.ts';
import { SDK_SPANS, sdkSpan } from './support/sdk-spans.ts';

const batchOf = (body: Uint8Array) => new OtlpBatch(body, 0);

/** The only span of a request with this one. */
function read(span: object, resource: object = {}, scope: object = {}): ReadableSpan {
  const request = { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [span] }] }] };
  return toReadableSpans(batchOf(encodeRequest('traces', request)))[0]!;
}

describe('toReadableSpans', () => {
  it('reads back everything that fromReadableSpans wrote', () => {
    fc.assert(
      fc.property(SDK_SPANS, (spans) => {
        const batch = fromReadableSpans(spans);
        const again = fromReadableSpans(toReadableSpans(batch));
        expect(JSON.parse(toJson('traces', again.encode()))).toEqual(
          JSON.parse(toJson('traces', batch.encode())),
        );
      }),
      { numRuns: 150 },
    );
  });

  it("makes spans that opentelemetry-js's serializer writes as they were", () => {
    fc.assert(
      fc.property(SDK_SPANS, (spans) => {
        const batch = fromReadableSpans(spans);
        const oracle = ProtobufTraceSerializer.serializeRequest(toReadableSpans(batch))!;
        expect(JSON.parse(toJson('traces', oracle))).toEqual(JSON.parse(toJson('traces', batch.encode())));
      }),
      { numRuns: 100 },
    );
  });

  it('gives a span for each in any request', () => {
    fc.assert(
      fc.property(arbitraryRequest('traces'), (body) => {
        expect(toReadableSpans(batchOf(body))).toHaveLength(countItems('traces', body));
      }),
      { numRuns: 200 },
    );
  });

  it('reads any bytes, or says what is wrong with them', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        arbitraryRequest('traces'),
        fc.nat(),
        (noise, body, cut) => {
          for (const bytes of [noise, body.subarray(0, cut % (body.length + 1))])
            try {
              toReadableSpans(batchOf(bytes));
            } catch (error) {
              expect(error).toBeInstanceOf(MalformedOtlpError);
            }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('gives the values that an SDK has no type for a likely one', () => {
    const value = (any: object) => read({ attributes: [{ key: 'key', value: any }] }).attributes.key;
    expect(value({ intValue: '9007199254740993' })).toBe('9007199254740993');
    expect(value({ intValue: '-5' })).toBe(-5);
    expect(value({ bytesValue: Uint8Array.of(1, 2) })).toEqual(Uint8Array.of(1, 2));
    const entry = { key: '__proto__', value: { boolValue: true } };
    expect(Object.entries(value({ kvlistValue: { values: [entry] } }) as object)).toEqual([
      ['__proto__', true],
    ]);
    expect(value({})).toBeNull();
  });

  it('takes the first of two values of a key', () => {
    const attributes = [1, 2].map((each) => ({ key: 'key', value: { intValue: each } }));
    expect(read({ attributes }).attributes).toEqual({ key: 1 });
  });

  it('knows a root, a parent of this process and one of another', () => {
    const parentSpanId = Buffer.from('00f067aa0ba902b7', 'hex');
    const parent = (flags: number) =>
      read({ traceId: Buffer.alloc(16, 1), parentSpanId, flags }).parentSpanContext;
    expect(read({}).parentSpanContext).toBeUndefined();
    expect(read({ parentSpanId: Buffer.alloc(8) }).parentSpanContext).toBeUndefined();
    const known = { traceId: '01'.repeat(16), spanId: '00f067aa0ba902b7', traceFlags: 1 };
    expect(parent(0x001)).toEqual(known);
    expect(parent(0x101)).toEqual({ ...known, isRemote: false });
    expect(parent(0x301)).toEqual({ ...known, isRemote: true });
  });

  it('calls the unspecified kind internal and an unknown status unset', () => {
    expect(read({ kind: 0, status: { code: 7 } })).toMatchObject({ kind: 0, status: { code: 0 } });
    expect(read({ kind: 3, status: { code: 2, message: 'no' } })).toMatchObject({
      kind: 2,
      status: { code: 2, message: 'no' },
    });
  });

  it('computes the duration, which is never below zero', () => {
    const lasting = (start: string, end: string) =>
      read({ startTimeUnixNano: start, endTimeUnixNano: end }).duration;
    expect(lasting('1999999999', '3000000001')).toEqual([1, 2]);
    expect(lasting('1000000001', '1000000000')).toEqual([0, 0]);
  });

  it('shares resource and scope among the spans of one', () => {
    const resource = { attributes: {} };
    const instrumentationScope = { name: 'shop' };
    const spans = [1, 2].map(() => sdkSpan({ resource, instrumentationScope }));
    const [first, second] = toReadableSpans(fromReadableSpans(spans));
    expect(second!.resource).toBe(first!.resource);
    expect(second!.instrumentationScope).toBe(first!.instrumentationScope);
  });
});

describe('a resource that was read', () => {
  const attributes = [{ key: 'a', value: { stringValue: 'base' } }];
  const { resource } = read({}, { attributes });

  it('is merged as the specification of resources says', async () => {
    let known = false;
    const other = {
      get attributes() {
        return { b: known ? 'now' : 'not yet' };
      },
      get asyncAttributesPending() {
        return !known;
      },
      schemaUrl: 'https://opentelemetry.io/schemas/1.40.0',
      waitForAsyncAttributes: async () => {
        known = true;
      },
      merge: () => other,
      getRawAttributes: (): [string, string][] => [['b', 'raw']],
    };
    const merged = resource.merge(other);
    expect(merged.asyncAttributesPending).toBe(true);
    await merged.waitForAsyncAttributes!();
    expect(merged).toMatchObject({ asyncAttributesPending: false, schemaUrl: other.schemaUrl });
    expect(merged.attributes).toEqual({ a: 'base', b: 'now' });
    expect(merged.getRawAttributes()).toEqual([
      ['b', 'raw'],
      ['a', 'base'],
    ]);
    expect(resource.merge(null)).toBe(resource);
    expect(merged.merge({ ...other, schemaUrl: 'another' }).schemaUrl).toBeUndefined();
  });
});

describe('a tracestate', () => {
  const state = new ParsedTraceState('a=1, b=2,broken');

  it('stays as it is until it is changed', () => {
    expect(state.serialize()).toBe('a=1, b=2,broken');
    expect([state.get('b'), state.get('c')]).toEqual(['2', undefined]);
  });

  it('puts what was changed first and leaves itself alone', () => {
    expect(state.set('b', '3').serialize()).toBe('b=3,a=1');
    expect(state.unset('a').serialize()).toBe('b=2');
    expect(state.get('a')).toBe('1');
  });
});
