import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countItems } from '../../src/otlp/count-items.ts';
import { toJson } from '../../src/otlp/to-json.ts';
import { fromReadableSpans } from '../../src/sdk/encode/from-readable-spans.ts';
import type { SdkSpan } from '../../src/sdk/readable-span.ts';
import { decodeSpans } from '../otlp/support/oracle.ts';
import { SDK_SPANS, sdkSpan } from './support/sdk-spans.ts';

type OracleSpans = Parameters<typeof ProtobufTraceSerializer.serializeRequest>[0];

interface Json {
  readonly resourceSpans?: readonly {
    readonly resource: object;
    readonly scopeSpans: readonly { readonly scope: object; readonly spans: readonly object[] }[];
  }[];
}

/** Every span with what it stands under, however the spans are grouped. */
function spread(body: Uint8Array): string[] {
  const { resourceSpans = [] }: Json = JSON.parse(toJson('traces', body));
  return resourceSpans
    .flatMap(({ scopeSpans, ...resource }) =>
      scopeSpans.flatMap(({ spans, ...scope }) =>
        spans.map((span) => JSON.stringify({ resource, scope, span })),
      ),
    )
    .sort();
}

const attributeJson = (value: unknown) => {
  const body = fromReadableSpans([sdkSpan({ attributes: { key: value } })]).encode();
  return JSON.parse(toJson('traces', body)).resourceSpans[0].scopeSpans[0].spans[0].attributes;
};

describe('fromReadableSpans', () => {
  it("says what opentelemetry-js's own serializer says", () => {
    fc.assert(
      fc.property(SDK_SPANS, (spans) => {
        const batch = fromReadableSpans(spans);
        // The oracle reads no more of a resource than this.
        const oracle = ProtobufTraceSerializer.serializeRequest(spans as unknown as OracleSpans)!;
        expect(spread(batch.encode())).toEqual(spread(oracle));
        expect(batch.itemCount).toBe(spans.length);
        expect(countItems('traces', batch.encode())).toBe(spans.length);
      }),
      { numRuns: 150 },
    );
  });

  it('groups spans of equal resources and scopes', () => {
    const resource = () => ({ attributes: { 'service.name': 'shop' } });
    const spans = [1, 2, 3].map((each) => sdkSpan({ name: `${each}`, resource: resource() }));
    const request = JSON.parse(toJson('traces', fromReadableSpans(spans).encode()));
    expect(request.resourceSpans).toHaveLength(1);
    expect(request.resourceSpans[0].scopeSpans).toHaveLength(1);
  });

  it.each<[unknown, object]>([
    [-0, { doubleValue: -0 }],
    [1e300, { doubleValue: 1e300 }],
    [Number.NaN, { doubleValue: 'NaN' }],
    [2 ** 53, { doubleValue: 2 ** 53 }],
    [2n ** 62n, { intValue: String(2n ** 62n) }],
    [2n ** 64n, { stringValue: String(2n ** 64n) }],
    [Uint8Array.of(1, 2), { bytesValue: 'AQI=' }],
    [null, {}],
    [() => 1, {}],
    [['a', null, 1], { arrayValue: { values: [{ stringValue: 'a' }, {}, { intValue: '1' }] } }],
    [
      { a: { b: true } },
      {
        kvlistValue: {
          values: [
            { key: 'a', value: { kvlistValue: { values: [{ key: 'b', value: { boolValue: true } }] } } },
          ],
        },
      },
    ],
  ])('writes the value %s', (value, expected) => {
    expect(attributeJson(value)).toEqual([{ key: 'key', value: expected }]);
  });

  it('takes an undefined attribute for none, and ends lists that contain themselves', () => {
    expect(attributeJson(undefined)).toBeUndefined();
    const list: unknown[] = [1];
    list.push(list);
    expect(attributeJson(list)[0].value.arrayValue.values).toEqual([{ intValue: '1' }, {}]);
    let deep: unknown[] = [];
    for (let depth = 0; depth < 1000; depth++) deep = [deep];
    const body = fromReadableSpans([sdkSpan({ attributes: { deep } })]).encode();
    expect(countItems('traces', body)).toBe(1);
  });

  it.each<[SdkSpan['startTime'], string]>([
    [[Number.NaN, 5], '5'],
    [[-1, 0], '0'],
    [[1.9, 1.9], '1000000001'],
    [[1e12, 0], String(2n ** 64n - 1n)],
  ])('writes the time %s that an application gave', (startTime, expected) => {
    const [span] = decodeSpans(fromReadableSpans([sdkSpan({ startTime })]).encode());
    expect(span!.startTimeUnixNano ?? '0').toBe(expected);
  });

  it('keeps attributes of a scope that its type does not have', () => {
    const instrumentationScope = { name: 'shop', attributes: { team: 'web' }, droppedAttributesCount: 2 };
    const request = JSON.parse(
      toJson('traces', fromReadableSpans([sdkSpan({ instrumentationScope })]).encode()),
    );
    expect(request.resourceSpans[0].scopeSpans[0].scope).toEqual({
      name: 'shop',
      attributes: [{ key: 'team', value: { stringValue: 'web' } }],
      droppedAttributesCount: 2,
    });
  });
});
