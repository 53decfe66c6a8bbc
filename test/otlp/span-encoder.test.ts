import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeSpanAttributes } from '../../src/otlp/attributes.ts';
import { encodeResource, encodeScope } from '../../src/otlp/encode-envelope.ts';
import { envelopeKey } from '../../src/otlp/envelope-pool.ts';
import { idBytes } from '../../src/otlp/ids.ts';
import { SpanEncoder } from '../../src/otlp/span-encoder.ts';
import { TracesBuilder } from '../../src/otlp/traces-builder.ts';
import { decodeRequest, decodeSpan } from './support/oracle.ts';

const EPOCH = 1_763_000_000_123_456_789n;
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = '00f067aa0ba902b7';
const PARENT = 'b7ad6b7169203331';

const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');

function begun(): SpanEncoder {
  const encoder = new SpanEncoder(EPOCH);
  encoder.begin(TRACE_ID, SPAN_ID, undefined, 3, 0, 1);
  return encoder;
}

/** The attributes of the span, by key. */
function attributes(encoder: SpanEncoder): Record<string, unknown> {
  const entries = decodeSpan(encoder.finish()).attributes ?? [];
  return Object.fromEntries(entries.map(({ key = '', value }) => [key, value]));
}

describe('SpanEncoder', () => {
  it('writes spans that another implementation reads, one after the other', () => {
    const encoder = new SpanEncoder(EPOCH);
    for (const parent of [PARENT, undefined]) {
      encoder.begin(
        idBytes(TRACE_ID),
        SPAN_ID,
        parent && idBytes(parent),
        2,
        1500,
        2_500.6,
        0x301,
        'ot=th:8',
      );
      encoder.name('GET /stock/{id}');
      encoder.string('http.request.method', 'GET');
      encoder.int('http.response.status_code', 200);
      encoder.bool('spanloom.link.ambiguous', true);
      encoder.strings('process.command_args', ['python3', 'stock.py']);
      encoder.error('boom');
      const span = decodeSpan(encoder.finish());
      expect(hex(span.traceId)).toBe(TRACE_ID);
      expect(hex(span.spanId)).toBe(SPAN_ID);
      expect(hex(span.parentSpanId)).toBe(parent ?? '');
      expect(span).toMatchObject({
        kind: 2,
        startTimeUnixNano: String(EPOCH + 1500n),
        endTimeUnixNano: String(EPOCH + 2501n),
        flags: 0x301,
        traceState: 'ot=th:8',
        name: 'GET /stock/{id}',
        status: { code: 2, message: 'boom' },
        attributes: [
          { key: 'http.request.method', value: { stringValue: 'GET' } },
          { key: 'http.response.status_code', value: { intValue: '200' } },
          { key: 'spanloom.link.ambiguous', value: { boolValue: true } },
          {
            key: 'process.command_args',
            value: { arrayValue: { values: [{ stringValue: 'python3' }, { stringValue: 'stock.py' }] } },
          },
        ],
      });
    }
  });

  it('writes text of any length and any letters', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constantFrom(60, 99, 100, 124, 125, 126, 127, 128, 16_383, 16_384, 70_000).map((n) => 'x'.repeat(n)),
      fc.constantFrom(41, 62, 63, 64, 65).map((n) => 'é'.repeat(n)),
    );
    const key = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
      fc.constant('k'.repeat(130)),
    );
    fc.assert(
      fc.property(key, text, text, (name, value, spanName) => {
        const encoder = begun();
        encoder.string(name, value);
        encoder.name(spanName);
        const span = decodeSpan(encoder.finish());
        expect(span.attributes).toEqual([{ key: name, value: { stringValue: value } }]);
        expect(span.name).toBe(spanName);
      }),
    );
  });

  it('writes every integer exactly', () => {
    const value = fc.oneof(
      fc.maxSafeInteger(),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.constantFrom(0, 127, 128, 16_383, 16_384, 2 ** 31 - 1, 2 ** 31, -1),
    );
    fc.assert(
      fc.property(value, (number) => {
        const encoder = begun();
        encoder.int('n', number);
        expect(attributes(encoder)).toEqual({ n: { intValue: String(number) } });
      }),
    );
  });

  it('writes what is no integer as a double', () => {
    const encoder = begun();
    encoder.int('n', 1.5);
    encoder.int('nan', Number.NaN);
    expect(attributes(encoder)).toEqual({ n: { doubleValue: 1.5 }, nan: { doubleValue: Number.NaN } });
  });

  it('writes times before and after its epoch, and absolute ones', () => {
    const time = fc.bigInt({ min: -(2n ** 52n), max: 2n ** 52n });
    fc.assert(
      fc.property(time, time, (start, end) => {
        const encoder = new SpanEncoder(EPOCH);
        encoder.begin(TRACE_ID, SPAN_ID, undefined, 1, Number(start), EPOCH + end);
        const span = decodeSpan(encoder.finish());
        expect(span.startTimeUnixNano).toBe(String(EPOCH + start));
        expect(span.endTimeUnixNano).toBe(String(EPOCH + end));
      }),
    );
  });

  it('gives bytes that the next span does not overwrite', () => {
    const encoder = begun();
    encoder.name('first');
    const first = encoder.finish();
    encoder.begin(TRACE_ID, SPAN_ID, undefined, 3, 0, 1);
    encoder.name('second');
    encoder.finish();
    expect(decodeSpan(first).name).toBe('first');
  });

  it('takes attributes encoded before', () => {
    const encoder = begun();
    encoder.attributes(
      encodeSpanAttributes([
        ['server.port', 8080],
        ['ratio', 0.5],
        ['raw', Uint8Array.of(1)],
      ]),
    );
    expect(attributes(encoder)).toEqual({
      'server.port': { intValue: '8080' },
      ratio: { doubleValue: 0.5 },
      raw: { bytesValue: Uint8Array.of(1) },
    });
  });
});

describe('TracesBuilder', () => {
  it('groups by resource and then by scope in the order of first appearance', () => {
    const envelopes = ['shop', 'stock'].map((name) =>
      encodeResource([['service.name', name]], 'https://schema'),
    );
    const scope = encodeScope('spanloom', '0.1.0', [['k', true]]);
    const builder = new TracesBuilder();
    for (const [i, name] of ['a', 'b', 'c'].entries()) {
      const encoder = begun();
      encoder.name(name);
      const resource = envelopes[i % 2]!;
      builder.add(resource, envelopeKey(resource), scope, envelopeKey(scope), encoder.finish());
    }
    const attribute = (name: string) => ({
      attributes: [{ key: 'service.name', value: { stringValue: name } }],
    });
    expect(decodeRequest('traces', builder.encode())).toMatchObject({
      resourceSpans: [
        {
          resource: attribute('shop'),
          schemaUrl: 'https://schema',
          scopeSpans: [
            {
              scope: {
                name: 'spanloom',
                version: '0.1.0',
                attributes: [{ key: 'k', value: { boolValue: true } }],
              },
              spans: [{ name: 'a' }, { name: 'c' }],
            },
          ],
        },
        { resource: attribute('stock'), scopeSpans: [{ spans: [{ name: 'b' }] }] },
      ],
    });
  });

  it('encodes the empty request when nothing was added', () => {
    expect(new TracesBuilder().encode()).toHaveLength(0);
  });
});
