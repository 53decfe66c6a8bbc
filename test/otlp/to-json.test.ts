import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Signal } from '../../src/collector/component.ts';
import { MalformedOtlpError } from '../../src/otlp/malformed.ts';
import { REQUESTS } from '../../src/otlp/schema/requests.ts';
import { toJson } from '../../src/otlp/to-json.ts';
import { arbitraryRequest } from './support/arbitrary-request.ts';
import { expectedJson } from './support/expected-json.ts';
import { decodeRequest } from './support/oracle.ts';
import { attribute, concat, double, fixed64, int, len } from './support/wire.ts';

const SIGNALS: readonly Signal[] = ['traces', 'metrics', 'logs'];

/** A span with these fields, alone in a request. */
const span = (...fields: Uint8Array[]) => len(1, len(2, len(2, ...fields)));
const spanJson = (json: string) => JSON.parse(json).resourceSpans[0].scopeSpans[0].spans[0];
const valueJson = (value: Uint8Array) =>
  spanJson(toJson('traces', span(len(9, len(1, 'k'), len(2, value))))).attributes[0].value;

describe('toJson', () => {
  it.each(SIGNALS)('says of %s what another implementation decodes', (signal) => {
    fc.assert(
      fc.property(arbitraryRequest(signal), (body) => {
        const json = toJson(signal, body);
        expect(json).not.toContain('\n');
        expect(JSON.parse(json)).toEqual(expectedJson(REQUESTS[signal], decodeRequest(signal, body)));
      }),
    );
  });

  it('writes the example of the OTLP specification', () => {
    const id = (hex: string) => Buffer.from(hex, 'hex');
    const body = len(
      1,
      len(1, attribute(1, 'service.name', 'my.service')),
      len(
        2,
        len(
          1,
          len(1, 'my.library'),
          len(2, '1.0.0'),
          attribute(3, 'my.scope.attribute', 'some scope attribute'),
        ),
        len(
          2,
          len(1, id('5b8efff798038103d269b633813fc60c')),
          len(2, id('eee19b7ec3c1b174')),
          len(4, id('eee19b7ec3c1b173')),
          len(5, "I'm a server span"),
          fixed64(7, 1544712660000000000n),
          fixed64(8, 1544712661000000000n),
          int(6, 2),
          attribute(9, 'my.span.attr', 'some value'),
        ),
      ),
    );
    expect(toJson('traces', body)).toBe(
      '{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"my.service"}}]},' +
        '"scopeSpans":[{"scope":{"name":"my.library","version":"1.0.0","attributes":[{"key":"my.scope.attribute",' +
        '"value":{"stringValue":"some scope attribute"}}]},"spans":[{"traceId":"5b8efff798038103d269b633813fc60c",' +
        '"spanId":"eee19b7ec3c1b174","parentSpanId":"eee19b7ec3c1b173","name":"I\'m a server span","kind":2,' +
        '"startTimeUnixNano":"1544712660000000000","endTimeUnixNano":"1544712661000000000","attributes":' +
        '[{"key":"my.span.attr","value":{"stringValue":"some value"}}]}]}]}]}',
    );
  });

  it('keeps every integer exact and doubles doubles', () => {
    expect(valueJson(int(3, 2n ** 63n - 1n))).toEqual({ intValue: '9223372036854775807' });
    expect(valueJson(int(3, -(2n ** 63n)))).toEqual({ intValue: '-9223372036854775808' });
    expect(valueJson(int(3, 0))).toEqual({ intValue: '0' });
    expect(valueJson(double(4, 1))).toEqual({ doubleValue: 1 });
    expect(valueJson(double(4, -0))).toEqual({ doubleValue: -0 });
    expect(valueJson(double(4, Number.NaN))).toEqual({ doubleValue: 'NaN' });
    expect(valueJson(double(4, Number.NEGATIVE_INFINITY))).toEqual({ doubleValue: '-Infinity' });
  });

  it('keeps values that are empty, false or zero, and leaves out fields that are', () => {
    expect(valueJson(len(1))).toEqual({ stringValue: '' });
    expect(valueJson(int(2, 0))).toEqual({ boolValue: false });
    expect(valueJson(new Uint8Array())).toEqual({});
    expect(valueJson(len(7, Uint8Array.of(0xff, 0xfe)))).toEqual({ bytesValue: '//4=' });
    expect(spanJson(toJson('traces', span(len(5), int(10, 0), len(4))))).toEqual({});
    expect(spanJson(toJson('traces', span(len(5, '0'))))).toEqual({ name: '0' });
  });

  it('merges a singular message that stands twice and takes the last of a oneof, as protobuf asks', () => {
    const status = concat(len(15, len(2, 'first')), len(15, int(3, 2)));
    expect(spanJson(toJson('traces', span(status)))).toEqual({ status: { message: 'first', code: 2 } });
    expect(valueJson(concat(len(1, 'text'), int(3, 5)))).toEqual({ intValue: '5' });
    expect(valueJson(concat(int(3, 5), len(5, len(1, len(1, 'x')))))).toEqual({
      arrayValue: { values: [{ stringValue: 'x' }] },
    });
  });

  it('joins packed and single numbers, and leaves out lists of none', () => {
    const counts = (...fields: Uint8Array[]) => {
      const json = toJson('metrics', len(1, len(2, len(2, len(9, len(1, ...fields))))));
      return JSON.parse(json).resourceMetrics[0].scopeMetrics[0].metrics[0].histogram.dataPoints[0];
    };
    const packed = len(6, fixed64(6, 1n).subarray(1), fixed64(6, 0n).subarray(1));
    expect(counts(packed, len(6), fixed64(6, 3n), len(6))).toEqual({ bucketCounts: ['1', '0', '3'] });
    expect(counts(len(6), len(6))).toEqual({});
    expect(counts(len(6), fixed64(6, 0n))).toEqual({ bucketCounts: ['0'] });
  });

  it('takes of a oneof only what came after its other members', () => {
    expect(valueJson(concat(len(5, len(1, len(1, 'a'))), int(3, 1), len(5, len(1, len(1, 'b')))))).toEqual({
      arrayValue: { values: [{ stringValue: 'b' }] },
    });
    expect(valueJson(concat(len(5, len(1, len(1, 'a'))), len(5, len(1, len(1, 'b')))))).toEqual({
      arrayValue: { values: [{ stringValue: 'a' }, { stringValue: 'b' }] },
    });
  });

  it('writes a byte order mark and replaces what is no UTF-8', () => {
    expect(valueJson(len(1, '\ufeffx'))).toEqual({ stringValue: '\ufeffx' });
    expect(valueJson(len(1, Uint8Array.of(0x61, 0xff)))).toEqual({ stringValue: 'a\ufffd' });
  });

  it('throws MalformedOtlpError for what countItems refuses', () => {
    fc.assert(
      fc.property(arbitraryRequest('metrics'), fc.nat(), (body, cut) => {
        try {
          JSON.parse(toJson('metrics', body.subarray(0, cut % (body.length + 1))));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedOtlpError);
        }
      }),
    );
    expect(() => toJson('logs', Uint8Array.of(0x0a))).toThrow(MalformedOtlpError);
  });
});
