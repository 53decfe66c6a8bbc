import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Signal } from '../../src/collector/component.ts';
import { countItems } from '../../src/otlp/count-items.ts';
import { MalformedOtlpError } from '../../src/otlp/malformed.ts';
import { toJson } from '../../src/otlp/to-json.ts';
import { arbitraryRequest } from './support/arbitrary-request.ts';
import { decodeRequest, encodeRequest } from './support/oracle.ts';
import { concat, fixed64, group, int, len, tag, varint } from './support/wire.ts';

const SIGNALS: readonly Signal[] = ['traces', 'metrics', 'logs'];

/** Counts the elements of every list with one of these names, wherever it is. */
function countLists(value: unknown, names: readonly string[]): number {
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + countLists(each, names), 0);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return 0;
  return Object.entries(value).reduce(
    (sum, [name, each]) => sum + (names.includes(name) ? each.length : countLists(each, names)),
    0,
  );
}

/** `levels` arrays in one another, in the attribute of a span. */
function nested(levels: number): Uint8Array {
  let value: Uint8Array = len(1, 'x');
  for (let i = 0; i < levels; i++) value = len(5, len(1, value));
  return len(1, len(2, len(2, len(9, len(1, 'k'), len(2, value)))));
}

describe('countItems', () => {
  it.each(SIGNALS)('counts what another implementation decodes from %s', (signal) => {
    fc.assert(
      fc.property(arbitraryRequest(signal), (body) => {
        const expected = countLists(decodeRequest(signal, body), ['spans', 'dataPoints', 'logRecords']);
        expect(countItems(signal, body)).toBe(expected);
      }),
    );
  });

  it('takes the empty request and empty envelopes', () => {
    expect(countItems('traces', new Uint8Array())).toBe(0);
    expect(countItems('traces', len(1, len(1), len(2, len(1))))).toBe(0);
  });

  it.each(SIGNALS)('gives a count or MalformedOtlpError for every truncation of %s', (signal) => {
    fc.assert(
      fc.property(arbitraryRequest(signal), (body) => {
        for (let end = 0; end < body.length; end++) {
          try {
            expect(countItems(signal, body.subarray(0, end))).toBeGreaterThanOrEqual(0);
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedOtlpError);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it.each(SIGNALS)('gives a count or MalformedOtlpError for garbage as %s', (signal) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => {
        try {
          expect(countItems(signal, garbage)).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedOtlpError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each(SIGNALS)(
    'accepts nothing of %s, whatever bytes changed, that can not be written as JSON',
    (signal) => {
      const change = fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.nat(16)));
      let accepted = 0;
      fc.assert(
        fc.property(
          arbitraryRequest(signal),
          fc.array(change, { minLength: 1, maxLength: 3 }),
          (body, changes) => {
            const broken = body.slice();
            for (const [at, byte] of changes) if (broken.length > 0) broken[at % broken.length] = byte;
            try {
              countItems(signal, broken);
            } catch {
              return;
            }
            accepted++;
            JSON.parse(toJson(signal, broken));
          },
        ),
        { numRuns: 500 },
      );
      expect(accepted).toBeGreaterThan(0);
    },
  );

  it.each([
    ['text', len(1, 'v'), true],
    ['text shorter than its value', concat(tag(1, 2), varint(0), Uint8Array.of(0x61)), false],
    ['text longer than its value', concat(tag(1, 2), varint(5), Uint8Array.of(0x61)), false],
    ['a number', int(3, 300), true],
    ['a negative number', int(3, -1), true],
    ['a number that goes on', concat(tag(3, 0), Uint8Array.of(0x80)), false],
    ['a number and a bare byte', concat(int(3, 1), Uint8Array.of(0x01)), false],
    ['a double', concat(tag(4, 1), new Uint8Array(8)), true],
    ['a short double', concat(tag(4, 1), new Uint8Array(7)), false],
    ['two values', concat(int(3, 1), int(2, 1)), true],
  ])('knows an attribute with %s', (_, value, valid) => {
    const body = len(1, len(2, len(2, len(9, len(1, 'key'), len(2, value)))));
    if (valid) expect(countItems('traces', body)).toBe(1);
    else expect(() => countItems('traces', body)).toThrow(MalformedOtlpError);
  });

  it.each([
    [
      'a length beyond the end',
      concat(tag(1, 2), varint(10)),
      'a field of 10 bytes begins and 0 are left in the message at byte 2',
    ],
    ['a length of 2^63', concat(tag(1, 2), varint(2n ** 63n)), 'a field of 9223372036854776000 bytes begins'],
    [
      'an endless varint',
      concat(tag(100, 0), new Uint8Array(20).fill(0xff)),
      'a varint is longer than 64 bits at byte 2',
    ],
    ['a cut varint', concat(tag(100, 0), Uint8Array.of(0x80)), 'a varint is cut off at byte 3'],
    ['field number 0', Uint8Array.of(0x02, 0x00), 'a field number is out of range at byte 0'],
    ['wire type 6', Uint8Array.of(0x0e), 'wire type 6 does not exist at byte 0'],
    ['wire type 7', Uint8Array.of(0x0f), 'wire type 7 does not exist at byte 0'],
    ['an unknown group that stays open', tag(100, 3), 'a group is not closed at byte 2'],
    ['a group that was not opened', tag(100, 4), 'a group ends that did not begin at byte 2'],
    [
      'groups that cross',
      concat(tag(100, 3), tag(101, 3), tag(100, 4), tag(101, 4)),
      'a group ends that did not begin at byte 4',
    ],
    [
      'a span that is a number',
      len(1, len(2, int(2, 5))),
      'ScopeSpans.spans has the wrong wire type 0 at byte 4',
    ],
    [
      'a time that is a varint',
      len(1, len(2, len(2, int(7, 5)))),
      'Span.startTimeUnixNano has the wrong wire type 0 at byte 6',
    ],
    [
      'a trace id that is a number',
      len(1, len(2, len(2, fixed64(1, 5n)))),
      'Span.traceId has the wrong wire type 1 at byte 6',
    ],
    [
      'a broken attribute',
      len(1, len(2, len(2, len(9, len(2, tag(1, 2)))))),
      'a varint is cut off at byte 11',
    ],
  ])('names the byte of %s', (_, body, message) => {
    expect(() => countItems('traces', body)).toThrow(`malformed OTLP message: ${message}`);
    expect(() => countItems('traces', body)).toThrow(MalformedOtlpError);
  });

  it('refuses values nested without end and takes those that people write', () => {
    expect(countItems('traces', nested(40))).toBe(1);
    expect(() => countItems('traces', nested(60))).toThrow(/nested deeper than 100 levels/);
    expect(() => countItems('traces', nested(2000))).toThrow(/nested deeper than 100 levels/);
  });

  it('refuses unknown groups nested without end', () => {
    let body: Uint8Array = int(1, 1);
    for (let i = 0; i < 99; i++) body = group(100, body);
    expect(countItems('traces', body)).toBe(0);
    for (let i = 0; i < 1000; i++) body = group(100, body);
    expect(() => countItems('traces', body)).toThrow(/groups are nested deeper than 100 levels/);
  });

  it('takes repeated numbers packed and one by one', () => {
    const dataPoint = (...fields: Uint8Array[]) => len(1, len(2, len(2, len(9, len(1, ...fields)))));
    const values = concat(...[1n, 2n].map((value) => fixed64(6, value).subarray(1)));
    expect(countItems('metrics', dataPoint(len(6, values)))).toBe(1);
    expect(countItems('metrics', dataPoint(fixed64(6, 1n), fixed64(6, 2n)))).toBe(1);
    expect(() => countItems('metrics', dataPoint(len(6, values.subarray(1))))).toThrow(
      /8 bytes are expected and 7 are left/,
    );
  });

  it('takes what a real encoder writes', () => {
    const request = {
      resourceMetrics: [
        {
          scopeMetrics: [
            { metrics: [{ name: 'm', sum: { dataPoints: [{ asInt: '5' }, { asDouble: 2.5 }] } }] },
          ],
        },
      ],
    };
    expect(countItems('metrics', encodeRequest('metrics', request))).toBe(2);
  });
});
