import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Signal } from '../../src/collector/component.ts';
import { countItems } from '../../src/otlp/count-items.ts';
import { fromJson } from '../../src/otlp/from-json.ts';
import { MalformedOtlpError } from '../../src/otlp/malformed.ts';
import { REQUESTS } from '../../src/otlp/schema/requests.ts';
import { toJson } from '../../src/otlp/to-json.ts';
import { arbitraryRequest } from './support/arbitrary-request.ts';
import { expectedJson } from './support/expected-json.ts';
import { decodeRequest } from './support/oracle.ts';

const SIGNALS: readonly Signal[] = ['traces', 'metrics', 'logs'];

const encoded = (signal: Signal, json: string) => fromJson(signal, Buffer.from(json));
/** The JSON of a request whose one span has these members. */
const spanText = (members: string) => `{"resourceSpans":[{"scopeSpans":[{"spans":[{${members}}]}]}]}`;
const spanOf = (members: string) => {
  const { resourceSpans } = decodeRequest('traces', encoded('traces', spanText(members))) as {
    resourceSpans: { scopeSpans: { spans: Record<string, unknown>[] }[] }[];
  };
  return resourceSpans[0]!.scopeSpans[0]!.spans[0]!;
};
const valueFrom = (value: string) => {
  const [attribute] = spanOf(`"attributes":[{"key":"k","value":${value}}]`).attributes as {
    value?: unknown;
  }[];
  return attribute!.value;
};
const pointOf = (kind: string, members: string) => {
  const text = `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"${kind}":{"dataPoints":[{${members}}]}}]}]}]}`;
  const { resourceMetrics } = decodeRequest('metrics', encoded('metrics', text)) as {
    resourceMetrics: {
      scopeMetrics: { metrics: Record<string, { dataPoints: Record<string, unknown>[] }>[] }[];
    }[];
  };
  return resourceMetrics[0]!.scopeMetrics[0]!.metrics[0]![kind]!.dataPoints[0]!;
};
/** What is said of a request that is refused. */
const refusal = (text: string | Uint8Array, signal: Signal = 'traces') => {
  try {
    fromJson(signal, typeof text === 'string' ? Buffer.from(text) : text);
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedOtlpError);
    return (error as Error).message;
  }
  return 'accepted';
};

/** Members of every object in another order, and unknown members of every kind between them. */
function rearranged(value: unknown, random: () => number): string {
  if (Array.isArray(value)) return `[${value.map((each) => rearranged(each, random)).join(' , ')}]`;
  if (Object.is(value, -0)) return '-0';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, each]) => {
    const spelling = random() < 0.5 ? name : name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return `"${spelling}" :\t${rearranged(each, random)}`;
  });
  const unknown = [
    '"x":{"a":[1,{"b":null}],"spans":[{}]}',
    '"y":[]',
    '"z":-1.5e3',
    '"w":"\\u0000"',
    '"v":{}',
  ];
  if (random() < 0.3) members.push(unknown[Math.floor(random() * unknown.length)]!);
  return `{\n${members.sort(() => random() - 0.5).join(',\r ')}}`;
}

describe('fromJson', () => {
  it.each(SIGNALS)('reads of %s what toJson wrote', (signal) => {
    fc.assert(
      fc.property(arbitraryRequest(signal, 'right'), (body) => {
        const json = toJson(signal, body);
        const back = encoded(signal, json);
        expect(toJson(signal, back)).toBe(json);
        expect(countItems(signal, back)).toBe(countItems(signal, body));
      }),
    );
  });

  it.each(SIGNALS)('writes %s that another implementation reads as the JSON says', (signal) => {
    fc.assert(
      fc.property(arbitraryRequest(signal, 'right'), (body) => {
        const json = toJson(signal, body);
        const decoded = decodeRequest(signal, encoded(signal, json));
        expect(expectedJson(REQUESTS[signal], decoded)).toEqual(JSON.parse(json));
      }),
    );
  });

  it.each(SIGNALS)('reads %s whatever the order, the spelling and the unknown members', (signal) => {
    fc.assert(
      fc.property(arbitraryRequest(signal, 'right'), fc.nat(), (body, seed) => {
        let state = seed;
        const random = () => {
          state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
          return state / 0x8000_0000;
        };
        const json = toJson(signal, body);
        expect(toJson(signal, encoded(signal, rearranged(JSON.parse(json), random)))).toBe(json);
      }),
    );
  });

  it('J1: reads ids in hex of either case, and other bytes in base64 of either alphabet', () => {
    const ids = spanOf(
      '"traceId":"5B8EFFF798038103d269b633813fc60c","spanId":"EEe19b7ec3c1b174","parentSpanId":""',
    );
    expect(Buffer.from(ids.traceId as Uint8Array).toString('hex')).toBe('5b8efff798038103d269b633813fc60c');
    expect(Buffer.from(ids.spanId as Uint8Array).toString('hex')).toBe('eee19b7ec3c1b174');
    expect(ids).not.toHaveProperty('parentSpanId');
    for (const text of ['+/8=', '-_8=', '+/8', '\\u002b\\/8='])
      expect(valueFrom(`{"bytesValue":"${text}"}`)).toEqual({ bytesValue: Uint8Array.of(0xfb, 0xff) });
  });

  it('J1: refuses ids of another length and what is no hex or base64, and says where', () => {
    expect(refusal(spanText('"name":"x","traceId":"abc"'))).toBe(
      'malformed OTLP message: resourceSpans[0].scopeSpans[0].spans[0].traceId: 32 hex digits or an empty string ' +
        'are expected, got "abc" at byte 65',
    );
    expect(refusal(spanText(`"traceId":"${'g'.repeat(32)}"`))).toContain('.traceId: 32 hex digits');
    expect(refusal(spanText(`"traceId":"${'é'.repeat(16)}"`))).toContain('.traceId: 32 hex digits');
    expect(refusal(spanText('"links":[{},{"spanId":"5b8efff798038103d269b633813fc60c"}]'))).toContain(
      'spans[0].links[1].spanId: 16 hex digits or an empty string are expected',
    );
    expect(refusal(spanText('"spanId":7'))).toContain(
      '.spanId: a string of 16 hex digits is expected, got a number',
    );
    for (const text of ['a', 'ab=', '=', 'ab=c', 'a b=', 'ab==='])
      expect(refusal(spanText(`"attributes":[{"value":{"bytesValue":"${text}"}}]`))).toContain(
        'attributes[0].value.bytesValue: base64 is expected, got',
      );
  });

  it('J2: reads enums as numbers and as names', () => {
    for (const kind of ['3', '"3"', '"SPAN_KIND_CLIENT"', '3.0'])
      expect(spanOf(`"kind":${kind}`).kind).toBe(3);
    expect(spanOf('"kind":99').kind).toBe(99);
    expect(spanOf('"kind":-1').kind).toBe(-1);
    expect(spanOf('"status":{"code":"STATUS_CODE_ERROR"}').status).toEqual({ code: 2 });
    expect(spanOf('"kind":"SPAN_KIND_UNSPECIFIED"')).not.toHaveProperty('kind');
    const logs = encoded(
      'logs',
      '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityNumber":"SEVERITY_NUMBER_ERROR2"}]}]}]}',
    );
    expect(toJson('logs', logs)).toContain('"severityNumber":18');
    expect(refusal(spanText('"kind":"CLIENT"'))).toContain(
      '.kind: "CLIENT" is no value of this enum, such as 5 or "SPAN_KIND_CONSUMER"',
    );
    expect(refusal(spanText('"kind":2147483648'))).toContain('.kind: "2147483648" is no value of this enum');
  });

  it('J3: loses no digit of 64-bit integers, in strings and in numbers', () => {
    for (const text of ['9223372036854775807', '-9223372036854775808', '9007199254740993', '0', '-1']) {
      expect(valueFrom(`{"intValue":"${text}"}`)).toEqual({ intValue: text });
      expect(valueFrom(`{"intValue":${text}}`)).toEqual({ intValue: text });
    }
    expect(spanOf('"startTimeUnixNano":18446744073709551615').startTimeUnixNano).toBe('18446744073709551615');
    expect(pointOf('gauge', '"asInt":"-9007199254740993"').asInt).toBe('-9007199254740993');
    expect(pointOf('histogram', '"bucketCounts":["1",18446744073709551615,0]').bucketCounts).toEqual([
      '1',
      '18446744073709551615',
      '0',
    ]);
  });

  it('J3: reads integers any way JSON may write them, and refuses what is none', () => {
    for (const text of ['12e3', '1.2E4', '"12000"', '12000.000', '120000e-1', '"0012000"', '"1200\\u0030"'])
      expect(valueFrom(`{"intValue":${text}}`)).toEqual({ intValue: '12000' });
    expect(valueFrom('{"intValue":-0}')).toEqual({ intValue: '0' });
    expect(valueFrom('{"intValue":0e9}')).toEqual({ intValue: '0' });
    for (const text of [
      '1.5',
      '1e-1',
      '""',
      '"x"',
      '"1 "',
      '1e999999999',
      '9223372036854775808',
      '"0x10"',
      '"-"',
    ])
      expect(refusal(spanText(`"attributes":[{"value":{"intValue":${text}}}]`))).toContain(
        'attributes[0].value.intValue: an integer in the range of int64 is expected, got',
      );
    expect(refusal(spanText('"flags":-1'))).toContain(
      '.flags: an integer in the range of fixed32 is expected, got "-1"',
    );
    expect(refusal(spanText('"flags":4294967296'))).toContain('in the range of fixed32');
    expect(refusal(spanText('"startTimeUnixNano":18446744073709551616'))).toContain(
      'in the range of fixed64',
    );
    expect(refusal(spanText(`"flags":${'1'.repeat(60)}`))).toContain(`got "${'1'.repeat(40)}…"`);
    expect(refusal(spanText('"flags":true'))).toContain('.flags: an integer is expected, got a boolean');
  });

  it('J3: reads signed offsets and scales', () => {
    const point = pointOf(
      'exponentialHistogram',
      '"scale":-3,"positive":{"offset":"-2147483648","bucketCounts":[1]}',
    );
    expect(point).toMatchObject({ scale: -3, positive: { offset: -2147483648, bucketCounts: ['1'] } });
  });

  it('J4: takes names in snake_case and with escape sequences', () => {
    const text =
      '{"resource_spans":[{"schema_url":"u","scope_spans":[{"spans":[{"tr\\u0061ceState":"a=b","dropped_links_count":2,' +
      '"attributes":[{"key":"k","value":{"string_value":"v"}}]}]}]}]}';
    expect(toJson('traces', encoded('traces', text))).toBe(
      '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceState":"a=b","attributes":[{"key":"k","value":' +
        '{"stringValue":"v"}}],"droppedLinksCount":2}]}],"schemaUrl":"u"}]}',
    );
  });

  it('J5: passes over unknown members, near misses included', () => {
    for (const name of ['Name', 'nam', 'names', 'trace_Id', '', '__proto__', 'resourceSpans'])
      expect(spanOf(`"${name}":{"name":[1,"x",{}]},"name":"n"`)).toEqual({ name: 'n' });
  });

  it('J6: reads doubles, those that are no numbers of JSON included', () => {
    for (const [text, value] of [
      ['1', 1],
      ['-0', -0],
      ['"1.5e3"', 1500],
      ['0.1', 0.1],
      ['"NaN"', Number.NaN],
      ['"Infinity"', Number.POSITIVE_INFINITY],
      ['"-Infinity"', Number.NEGATIVE_INFINITY],
    ] as const)
      expect(valueFrom(`{"doubleValue":${text}}`)).toEqual({ doubleValue: value });
    for (const text of ['"1.5x"', '""', '" 1"', '"infinity"', '"0x1"'])
      expect(refusal(spanText(`"attributes":[{"value":{"doubleValue":${text}}}]`))).toContain(
        '.doubleValue: a number, "NaN", "Infinity" or "-Infinity" is expected, got',
      );
    expect(refusal(spanText('"attributes":[{"value":{"doubleValue":1e400}}]'))).toContain(
      '"1e400" is beyond the range of a double',
    );
    for (const text of ['NaN', 'Infinity', '01', '1.', '.5', '+1', '1e', '-'])
      expect(refusal(spanText(`"attributes":[{"value":{"doubleValue":${text}}}]`))).toContain(
        'malformed OTLP',
      );
  });

  it('J7: takes null for absent, and in lists of messages for empty', () => {
    expect(spanOf('"traceId":null,"name":null,"status":null,"attributes":null,"kind":null,"x":null')).toEqual(
      {},
    );
    expect(valueFrom('null')).toBeUndefined();
    expect(valueFrom('{"stringValue":null,"intValue":1}')).toEqual({ intValue: '1' });
    expect(valueFrom('{"arrayValue":{"values":[null,{"boolValue":true}]}}')).toEqual({
      arrayValue: { values: [{}, { boolValue: true }] },
    });
    expect(refusal('null')).toContain('an object is expected, got null');
  });

  it('J8: takes requests without resource, scope and items', () => {
    for (const text of [
      '{}',
      ' {"resourceSpans" : [ ] } ',
      '{"resourceSpans":[{}]}',
      '{"resourceSpans":[{"scopeSpans":[{}]}]}',
    ])
      expect(countItems('traces', encoded('traces', text))).toBe(0);
    expect(countItems('traces', encoded('traces', spanText('')))).toBe(1);
  });

  it('J9: of members that stand twice the last counts, lists and messages add up', () => {
    expect(spanOf('"name":"a","name":"","kind":1,"kind":0')).toEqual({ name: '', kind: 0 });
    const merged = encoded('traces', spanText('"status":{"code":2},"status":{"message":"m"}'));
    expect(toJson('traces', merged)).toContain('"status":{"message":"m","code":2}');
    expect(spanOf('"events":[{"name":"a"}],"events":[{"name":"b"}]').events).toEqual([
      { name: 'a' },
      { name: 'b' },
    ]);
    const choice = spanText('"attributes":[{"value":{"intValue":1,"stringValue":""}}]');
    expect(toJson('traces', encoded('traces', choice))).toContain('"value":{"stringValue":""}');
  });

  it('J9: bounds nesting, of values as of what is unknown', () => {
    const nested = (levels: number) =>
      `${'{"arrayValue":{"values":['.repeat(levels)}{}${']}}'.repeat(levels)}`;
    expect(refusal(spanText(`"attributes":[{"value":${nested(40)}}]`))).toBe('accepted');
    expect(refusal(spanText(`"attributes":[{"value":${nested(60)}}]`))).toMatch(
      /nested deeper than \d+ levels/,
    );
    expect(refusal(`{"x":${'['.repeat(10_000)}`)).toContain('JSON is nested deeper than 200 levels');
    expect(refusal(`{"x":${'{"x":'.repeat(10_000)}`)).toContain('JSON is nested deeper than 200 levels');
    expect(
      refusal(`{"x":${'['.repeat(150)}${']'.repeat(150)},"y":${'['.repeat(150)}${']'.repeat(150)}}`),
    ).toBe('accepted');
  });

  it('J9: takes a byte order mark and refuses what is no UTF-8', () => {
    expect(spanOf('"name":"\\ud83d\\ude00 \\n😀"')).toEqual({ name: '😀 \n😀' });
    expect(spanOf('"name":"\\ud800"')).toEqual({ name: '\ufffd' });
    const marked = Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), Buffer.from(spanText('"name":"n"'))]);
    expect(countItems('traces', fromJson('traces', marked))).toBe(1);
    const cut = Buffer.from(spanText('"name":"é"'), 'latin1');
    expect(refusal(cut)).toBe('malformed OTLP message: JSON must be UTF-8, which ends at byte 52');
    expect(refusal(Buffer.from('{}', 'utf16le'))).toContain('malformed OTLP message');
  });

  it('refuses what is no JSON and says at which byte', () => {
    for (const [text, said] of [
      ['', 'the JSON text is cut off at byte 0'],
      ['  ', 'the JSON text is cut off at byte 2'],
      ['{"resourceSpans":[', 'the JSON text is cut off at byte 18'],
      ['{} {}', 'the end is expected in place of "{}" at byte 3'],
      ['{}\0', 'the end is expected'],
      ['{"a":1 "b":2}', '"," or "}" is expected in place of "\\"b\\":2}" at byte 7'],
      ['{"a" 1}', '":" is expected in place of "1}" at byte 5'],
      ['{"a":1,}', 'a name in quotes is expected in place of "}" at byte 7'],
      ["{'a':1}", 'a name in quotes is expected'],
      ['{"a":[1,]}', 'a value is expected in place of "]}" at byte 8'],
      ['{"a":tru}', 'a value is expected in place of "tru}" at byte 5'],
      ['{"a":nulls}', '"," or "}" is expected in place of "s}"'],
      ['{"a":"\n"}', 'a string contains a control character at byte 6'],
      ['{"a":"\\x"}', 'a string contains an invalid escape sequence at byte 6'],
      ['{"a":"\\u12g4"}', 'a string contains an invalid escape sequence at byte 6'],
      ['{"a":"x', 'a string is cut off at byte 5'],
      ['{"a":1e}', 'a number has no digit where one must be at byte 7'],
      ['[]', 'an object is expected, got an array at byte 0'],
      ['{"resourceSpans":{}}', 'resourceSpans: an array is expected, got an object at byte 17'],
      ['{"resourceSpans":[[]]}', 'resourceSpans[0]: an object is expected, got an array at byte 18'],
    ] as const)
      expect(refusal(text)).toContain(`malformed OTLP message: ${said}`);
  });

  it('refuses values of the wrong kind and names their field', () => {
    const span = 'resourceSpans[0].scopeSpans[0].spans[0]';
    expect(refusal(spanText('"name":1'))).toContain(`${span}.name: a string is expected, got a number`);
    for (const text of ['"true"', '1', 'trux'])
      expect(refusal(spanText(`"events":[{},{"attributes":[{"value":{"boolValue":${text}}}]}]`))).toContain(
        `${span}.events[1].attributes[0].value.boolValue: true or false is expected, got`,
      );
  });

  it.each(SIGNALS)('refuses garbage and damaged %s, and nothing else happens', (signal) => {
    const taken = (body: Uint8Array) => {
      try {
        return fromJson(signal, body);
      } catch (error) {
        if (!(error instanceof MalformedOtlpError)) throw error;
        return undefined;
      }
    };
    const bytes = fc.uint8Array({ maxLength: 200 });
    const text = fc
      .array(fc.constantFrom(...'{}[]",:\\u0e-+.truefalsn \n', '"resourceSpans":', '"spans":', '\u00e9'))
      .map((parts) => Buffer.from(parts.join('')));
    fc.assert(
      fc.property(fc.oneof(bytes, text), (body) => {
        const request = taken(body);
        if (request) countItems(signal, request);
      }),
    );
    fc.assert(
      fc.property(
        arbitraryRequest(signal, 'right'),
        fc.nat(),
        fc.nat(255),
        fc.boolean(),
        (body, at, byte, cut) => {
          const json = Buffer.from(toJson(signal, body));
          const place = at % json.length;
          json[place] = byte;
          const request = taken(cut ? json.subarray(0, place) : json);
          if (request) countItems(signal, request);
        },
      ),
    );
  });

  it('accepts no text that JSON.parse refuses', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            '{',
            '}',
            '[',
            ']',
            '"a"',
            ':',
            ',',
            '1',
            '-',
            '0',
            '.5',
            'e1',
            'null',
            'true',
            ' ',
            '"\\n"',
            '\t',
          ),
        ),
        (parts) => {
          const value = `{"x":${parts.join('')}}`;
          let valid = true;
          try {
            JSON.parse(value);
          } catch {
            valid = false;
          }
          expect(refusal(value) === 'accepted').toBe(valid);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
