import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedOtlpError } from '../../src/otlp/malformed.ts';
import { TracesBuilder } from '../../src/otlp/traces-builder.ts';
import { scanTraces, type TracesScan } from '../../src/otlp/traces-scan.ts';
import { arbitraryRequest } from './support/arbitrary-request.ts';
import { decodeSpans } from './support/oracle.ts';
import { attribute, concat, double, fixed32, fixed64, int, len } from './support/wire.ts';

const EPOCH = 1_763_000_000_000_000_000n;

function validId(id: Uint8Array | undefined, size: number): string {
  return id?.length === size && id.some((byte) => byte !== 0) ? Buffer.from(id).toString('hex') : '';
}

/** Everything a scan can say, so that fuzzing reaches all of it. */
function readAll(scan: TracesScan): void {
  for (let i = 0; i < scan.count; i++) {
    for (const text of [
      scan.traceId(i),
      scan.spanId(i),
      scan.parentSpanId(i),
      scan.name(i),
      scan.traceState(i),
    ])
      expect(typeof text).toBe('string');
    for (const number of [
      scan.kind(i),
      scan.flags(i),
      scan.statusCode(i),
      scan.startTime(i, EPOCH),
      scan.endTime(i, EPOCH),
    ])
      expect(typeof number).toBe('number');
    scan.attribute(i, 'http.route');
    scan.resource(i).attribute('service.name');
    expect(scan.scope(i).name + scan.scope(i).version).toBeTypeOf('string');
  }
}

function rebuild(body: Uint8Array): Uint8Array {
  const scan = scanTraces(body);
  const builder = new TracesBuilder();
  for (let i = 0; i < scan.count; i++) {
    const resource = scan.resource(i);
    const scope = scan.scope(i);
    builder.add(resource.bytes, resource.key, scope.bytes, scope.key, scan.bytes(i));
  }
  expect(builder.count).toBe(scan.count);
  return builder.encode();
}

/** What each span is and where it belongs. */
function inventory(body: Uint8Array): string[] {
  const scan = scanTraces(body);
  return Array.from({ length: scan.count }, (_, i) =>
    [scan.resource(i).key, scan.scope(i).key, Buffer.from(scan.bytes(i)).toString('hex')].join('|'),
  );
}

const request = (...fields: Uint8Array[]) => len(1, len(2, len(2, ...fields)));
const value = (any: Uint8Array) => scanTraces(request(len(9, len(1, 'k'), len(2, any)))).attribute(0, 'k');

describe('scanTraces', () => {
  it('reads from any request what another implementation decodes', () => {
    fc.assert(
      fc.property(arbitraryRequest('traces'), (body) => {
        const scan = scanTraces(body);
        const spans = decodeSpans(body);
        expect(scan.count).toBe(spans.length);
        spans.forEach((span, i) => {
          expect(scan.traceId(i)).toBe(validId(span.traceId, 16));
          expect(scan.spanId(i)).toBe(validId(span.spanId, 8));
          expect(scan.parentSpanId(i)).toBe(validId(span.parentSpanId, 8));
          expect(scan.name(i)).toBe(span.name ?? '');
          expect(scan.traceState(i)).toBe(span.traceState ?? '');
          expect(scan.kind(i)).toBe(span.kind ?? 0);
          expect(scan.flags(i)).toBe(span.flags ?? 0);
          expect(scan.statusCode(i)).toBe(span.status?.code ?? 0);
          expect(scan.startUnixNano(i)).toBe(BigInt(span.startTimeUnixNano ?? 0));
          expect(scan.endUnixNano(i)).toBe(BigInt(span.endTimeUnixNano ?? 0));
          for (const { key = '' } of span.attributes ?? []) expect(scan.attribute(i, key)).toBeDefined();
          expect(scan.attribute(i, 'no such key')).toBeUndefined();
        });
      }),
    );
  });

  it('with the builder keeps every span, its resource and its scope byte for byte', () => {
    fc.assert(
      fc.property(arbitraryRequest('traces'), (body) => {
        expect(inventory(rebuild(body)).sort()).toEqual(inventory(body).sort());
      }),
    );
  });

  it('gives times relative to an epoch, exact near it', () => {
    const body = request(fixed64(7, EPOCH + 4_294_967_296_123n), fixed64(8, EPOCH - 7n));
    const scan = scanTraces(body);
    expect(scan.startTime(0, EPOCH)).toBe(4_294_967_296_123);
    expect(scan.endTime(0, EPOCH)).toBe(-7);
    expect(scan.endTime(0, EPOCH - 10n)).toBe(3);
    expect(scan.startUnixNano(0)).toBe(EPOCH + 4_294_967_296_123n);
  });

  it('reads attribute values of every kind', () => {
    expect(value(len(1, 'text é'))).toBe('text é');
    expect(value(int(2, 1))).toBe(true);
    expect(value(int(3, -5))).toBe(-5);
    expect(value(int(3, 2n ** 53n))).toBe(2n ** 53n);
    expect(value(int(3, -(2n ** 63n)))).toBe(-(2n ** 63n));
    expect(value(double(4, 1.5))).toBe(1.5);
    expect(value(len(5, len(1, len(1, 'a')), len(1, int(3, 1)), len(1)))).toEqual(['a', 1, null]);
    expect(value(len(6, len(1, len(1, 'x'), len(2, int(2, 0)))))).toEqual(new Map([['x', false]]));
    expect(value(len(7, Uint8Array.of(1, 2)))).toEqual(Uint8Array.of(1, 2));
    expect(value(new Uint8Array())).toBeNull();
    expect(value(int(8, 3))).toBeNull();
  });

  it('tells keys apart that share length or beginning, and finds keys beyond ASCII', () => {
    const body = request(
      attribute(9, 'http.route', 'A'),
      attribute(9, 'http.routf', 'B'),
      attribute(9, 'http.rout', 'C'),
      attribute(9, 'ключ', 'D'),
      attribute(9, '', 'E'),
      attribute(9, 'http.route', 'again'),
      len(9, len(1, 'no value')),
    );
    const scan = scanTraces(body);
    expect(
      ['http.route', 'http.routf', 'http.rout', 'ключ', '', 'http', 'no value'].map((key) =>
        scan.attribute(0, key),
      ),
    ).toEqual(['A', 'B', 'C', 'D', 'E', undefined, null]);
  });

  it('gives equal envelopes one identity, with everything they hold besides the spans', () => {
    const resource = (...rest: Uint8Array[]) =>
      len(1, len(1, attribute(1, 'service.name', 'shop')), ...rest, len(3, 'schema'), int(100, 7));
    const scope = len(1, len(1, 'library'), len(2, '1.2'));
    const scopeSpans = len(2, scope, len(2, int(6, 1)), fixed32(200, 9), len(2, int(6, 2)));
    const scan = scanTraces(concat(resource(scopeSpans), resource(scopeSpans)));
    expect(scan.count).toBe(4);
    const keys = new Set([0, 1, 2, 3].map((i) => scan.resource(i).key));
    expect(keys.size).toBe(1);
    expect(scan.resource(0).bytes).toEqual(
      concat(len(1, attribute(1, 'service.name', 'shop')), len(3, 'schema'), int(100, 7)),
    );
    expect(scan.resource(3).attribute('service.name')).toBe('shop');
    expect(scan.scope(2).bytes).toEqual(concat(scope, fixed32(200, 9)));
    expect([scan.scope(2).name, scan.scope(2).version]).toEqual(['library', '1.2']);
  });

  it('copies envelopes out, so that they do not keep the request', () => {
    const body = request(int(6, 1));
    const scan = scanTraces(body);
    expect(scan.resource(0).bytes.buffer).not.toBe(body.buffer);
    expect(scan.scope(0).bytes.buffer).not.toBe(body.buffer);
    expect(scan.bytes(0).buffer).toBe(body.buffer);
  });

  it('gives a result or MalformedOtlpError for every truncation, whatever is read', () => {
    fc.assert(
      fc.property(arbitraryRequest('traces'), (body) => {
        for (let end = 0; end < body.length; end += 1 + (end >> 6)) {
          try {
            readAll(scanTraces(body.subarray(0, end)));
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedOtlpError);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('gives a result or MalformedOtlpError for requests with bytes changed', () => {
    fc.assert(
      fc.property(
        arbitraryRequest('traces'),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (body, changes) => {
          const broken = body.slice();
          for (const [at, byte] of changes) if (broken.length > 0) broken[at % broken.length] = byte;
          try {
            readAll(scanTraces(broken));
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedOtlpError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([
    ['ResourceSpans', int(1, 1)],
    ['ScopeSpans', len(1, int(2, 1))],
    ['Span', len(1, len(2, int(2, 1)))],
    ['a time', request(int(7, 1))],
    ['events', request(int(11, 1))],
    ['dropped_links_count', request(len(14))],
    ['a status code', request(len(15, len(3)))],
  ])('refuses %s of the wrong wire type', (_, body) => {
    expect(() => scanTraces(body)).toThrow(MalformedOtlpError);
  });
});
