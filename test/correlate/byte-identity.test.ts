import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { Settings } from '../../src/collector/component.ts';
import { OtlpBatch, type Traces } from '../../src/otlp/batch.ts';
import { idBytes } from '../../src/otlp/ids.ts';
import { scanTraces } from '../../src/otlp/traces-scan.ts';
import { WireWriter } from '../../src/otlp/wire/writer.ts';
import { correlateProcessor } from '../../src/processor/correlate/factory.ts';
import type { CapturedTraces } from '../../src/receiver/ebpf/captured-traces.ts';
import { EPOCH, Scene, traceparent } from './scene.ts';

const LEN = 2;
const tag = (field: number, type: number) => (field << 3) | type;

/** A message of fields: bytes are length-delimited, numbers are varints, bigints fixed64. */
function message(...fields: [number: number, value: Uint8Array | string | number | bigint][]): Uint8Array {
  const writer = new WireWriter();
  for (const [field, value] of fields) {
    if (typeof value === 'number') {
      writer.varint(tag(field, 0));
      writer.varint(value);
    } else if (typeof value === 'bigint') {
      writer.varint(tag(field, 1));
      writer.fixed64(Number(BigInt.asUintN(32, value)), Number(value >> 32n));
    } else {
      writer.varint(tag(field, LEN));
      if (typeof value === 'string') writer.text(value);
      else {
        writer.varint(value.length);
        writer.raw(value);
      }
    }
  }
  return writer.copy();
}

/** A field no version of OTLP has. */
const UNKNOWN: [number, string] = [999, 'from a later version'];

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

function span(id: string, kind: number, at: number, parent = ''): Uint8Array {
  const double = message([1, 'ratio'], [2, message([4, 4_607_182_418_800_017_408n])]);
  const big = message([1, 'big'], [2, message([3, 7], UNKNOWN)], UNKNOWN);
  const event = message([1, EPOCH + BigInt(at)], [2, 'event'], [3, double], UNKNOWN);
  const link = message([1, idBytes(TRACE)], [2, idBytes('00f067aa0ba902b7')], UNKNOWN);
  return message(
    UNKNOWN,
    [2, idBytes(id)],
    [1, idBytes(TRACE)],
    [9, double],
    ...(parent === '' ? [] : ([[4, idBytes(parent)]] as [number, Uint8Array][])),
    [11, event],
    [9, big],
    [13, link],
    [8, EPOCH + BigInt(at) + 50_000n],
    [7, EPOCH + BigInt(at)],
    [6, kind],
    [998, message(UNKNOWN)],
  );
}

function request(spans: readonly Uint8Array[]): Uint8Array {
  const name = message([1, 'service.name'], [2, message([1, 'web'])], UNKNOWN);
  const resource = message([1, name], [2, 3], UNKNOWN);
  const scope = message([1, 'scope'], [2, '1'], [3, name], UNKNOWN);
  const scopeSpans = message(UNKNOWN, [1, scope], ...spans.map((one): [number, Uint8Array] => [2, one]), [
    3,
    'https://opentelemetry.io/schemas/1.30.0',
  ]);
  return message(UNKNOWN, [
    1,
    message([997, 'ahead'], [2, scopeSpans], [1, resource], [3, 'schema'], UNKNOWN),
  ]);
}

function processor(scene: Scene, released: Traces[]) {
  const settings: Settings = {
    id: 'correlate',
    logger: pino({ level: 'silent' }),
    clock: scene.clock,
    counters: scene.counters,
    buildInfo: { command: 'spanloom', version: '0' },
    taps: new Set(),
    shared: (make) => make(),
  };
  return correlateProcessor.createTraces(settings, correlateProcessor.config.parse({}), {
    consumeTraces: async (batch) => {
      released.push(batch);
    },
  });
}

describe('spans that no rule touches', () => {
  it('leave byte for byte as they came, beside one that is rewritten', async () => {
    const scene = new Scene();
    const released: Traces[] = [];
    const correlate = processor(scene, released);
    const web = scene.process('web', { runtime: 'node' });
    const called = 'aaaaaaaaaaaaaaaa';
    const start = scene.now;
    scene.exchange(scene.connection(web, scene.stranger('stock')), 'GET /', {
      traceparent: traceparent({ traceId: TRACE, spanId: called }),
    });
    const activities = scene.inputs.flatMap((input) => ('activities' in input ? input.activities : []));
    const captured: CapturedTraces = { activities, itemCount: 1, encode: () => new Uint8Array() };
    await correlate.consumeTraces(captured);

    const spans = [
      span('1111111111111111', 2, start),
      span(called, 3, start, '1111111111111111'),
      span('2222222222222222', 1, start, '1111111111111111'),
      span('3333333333333333', 5, start),
    ];
    const body = request(spans);
    await correlate.consumeTraces(new OtlpBatch(body, spans.length, web.exporter));
    scene.advance(11);
    await correlate.shutdown();

    expect(released).toHaveLength(1);
    const before = scanTraces(body);
    const after = scanTraces(released[0]!.encode());
    expect(after.count).toBe(4);
    for (let i = 0; i < after.count; i++) {
      const from = [0, 1, 2, 3].find((j) => before.spanId(j) === after.spanId(i))!;
      expect(after.resource(i).bytes).toEqual(before.resource(from).bytes);
      expect(after.scope(i).bytes).toEqual(before.scope(from).bytes);
      if (after.spanId(i) !== called) expect(Buffer.from(after.bytes(i))).toEqual(Buffer.from(spans[from]!));
    }
    const rewritten = [0, 1, 2, 3].find((i) => after.spanId(i) === called)!;
    expect(after.attribute(rewritten, 'spanloom.request.bytes')).toBe(100);
    // Nothing but appended attributes.
    expect(Buffer.from(after.bytes(rewritten).subarray(0, spans[1]!.length))).toEqual(Buffer.from(spans[1]!));
  });

  it('are refused as a whole where the request is malformed', async () => {
    const scene = new Scene();
    const released: Traces[] = [];
    const correlate = processor(scene, released);
    const good = request([span('1111111111111111', 2, 0)]);
    const cut = request([span('2222222222222222', 2, 0)]).slice(0, -30);
    await expect(correlate.consumeTraces(new OtlpBatch(cut, 1))).rejects.toThrow();
    await correlate.consumeTraces(new OtlpBatch(good, 1));
    await correlate.shutdown();
    expect(released.map((batch) => batch.itemCount)).toEqual([1]);
  });
});
