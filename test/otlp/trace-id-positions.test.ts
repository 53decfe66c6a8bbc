import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedOtlpError } from '../../src/otlp/malformed.ts';
import { traceIdPositions, withTraceIds } from '../../src/otlp/trace-id-positions.ts';
import { encodeRequest } from './support/oracle.ts';

const id = (fill: number) => Buffer.alloc(16, fill);
const hex = (fill: number) => id(fill).toString('hex');

function logs(...ids: (Buffer | undefined)[]): Uint8Array {
  const logRecords = ids.map((traceId, i) => ({
    body: { stringValue: `line ${i}` },
    ...(traceId && { traceId }),
  }));
  return encodeRequest('logs', {
    resourceLogs: [{ resource: {}, scopeLogs: [{ scope: { name: 'x' }, logRecords }] }],
  });
}

function metrics(): Uint8Array {
  const exemplars = (fill: number) => [{ traceId: id(fill), asDouble: 1 }];
  const kinds = [
    { name: 'g', gauge: { dataPoints: [{ exemplars: exemplars(1) }] } },
    { name: 's', sum: { dataPoints: [{ exemplars: exemplars(2) }] } },
    { name: 'h', histogram: { dataPoints: [{ exemplars: exemplars(3) }] } },
    { name: 'e', exponentialHistogram: { dataPoints: [{ exemplars: exemplars(4) }] } },
    { name: 'q', summary: { dataPoints: [{ count: 1 }] } },
  ];
  return encodeRequest('metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics: kinds }] }] });
}

describe('positions of trace ids', () => {
  it('are found in log records, those without an id or with one of another length left out', () => {
    const found = traceIdPositions('logs', logs(id(7), undefined, Buffer.alloc(8, 1), id(9)));
    expect(found.map(({ traceId }) => traceId)).toEqual([hex(7), hex(9)]);
  });

  it('are found in exemplars of every kind of metric', () => {
    const found = traceIdPositions('metrics', metrics());
    expect(found.map(({ traceId }) => traceId).sort()).toEqual([1, 2, 3, 4].map(hex));
  });

  it('allow other ids to be written there, and change nothing else', () => {
    const body = logs(id(7), id(8));
    const [first] = traceIdPositions('logs', body);
    const renamed = withTraceIds(body, [{ offset: first!.offset, traceId: hex(5) }]);
    expect(renamed).toEqual(Buffer.from(logs(id(5), id(8))));
    expect(Buffer.from(body)).toEqual(Buffer.from(logs(id(7), id(8))));
  });

  it('are found, or the body is refused as malformed, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.constantFrom('logs', 'metrics'), fc.uint8Array({ maxLength: 200 }), (signal, bytes) => {
        try {
          traceIdPositions(signal as 'logs' | 'metrics', bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedOtlpError);
        }
      }),
    );
  });
});
