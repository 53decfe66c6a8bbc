import fc from 'fast-check';
import type { HrTime, SdkSpan } from '../../../src/sdk/readable-span.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

/** A span as an SDK hands it to an exporter. */
export function sdkSpan(span: Partial<SdkSpan> = {}): SdkSpan {
  return {
    name: 'pay',
    kind: 0,
    spanContext: () => ({ traceId: TRACE_ID, spanId: '00f067aa0ba902b7', traceFlags: 1 }),
    startTime: [1_800_000_000, 1],
    endTime: [1_800_000_001, 0],
    status: { code: 0 },
    attributes: {},
    links: [],
    events: [],
    resource: { attributes: { 'service.name': 'shop' } },
    instrumentationScope: { name: 'shop' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    ...span,
  };
}

const TEXT = fc.string({ unit: 'grapheme', maxLength: 8 });
const COUNT = fc.integer({ min: 0, max: 0xffff_ffff });
const hex = (digits: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits });
/** What SDKs write as the same bytes: no negative zero, no integers a double has rounded. */
const NUMBER = fc.oneof(fc.maxSafeInteger(), fc.double({ noInteger: true }));
const VALUE = fc.oneof(
  TEXT,
  NUMBER,
  fc.boolean(),
  fc.array(TEXT, { maxLength: 3 }),
  fc.array(NUMBER, { maxLength: 3 }),
  fc.array(fc.boolean(), { maxLength: 3 }),
);
const ATTRIBUTES = fc.dictionary(TEXT, VALUE, { maxKeys: 4, noNullPrototype: true });
const TIME: fc.Arbitrary<HrTime> = fc.tuple(
  fc.integer({ min: 0, max: 2 ** 33 }),
  fc.nat({ max: 999_999_999 }),
);
const TRACE_STATE = fc.option(
  fc.constantFrom('rojo=00f067aa0ba902b7', 'a=1,b=2').map((text) => ({ serialize: () => text })),
  { nil: undefined },
);

function without<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

const CONTEXT = fc
  .record({
    traceId: hex(32),
    spanId: hex(16),
    traceFlags: fc.nat({ max: 255 }),
    isRemote: fc.option(fc.boolean(), { nil: undefined }),
    traceState: TRACE_STATE,
  })
  .map(without);

const RESOURCES = fc
  .record({
    attributes: ATTRIBUTES,
    schemaUrl: fc.constantFrom(undefined, 'https://opentelemetry.io/schemas/1.40.0'),
  })
  .map(without);
const SCOPES = fc
  .record({
    name: TEXT,
    version: fc.constantFrom(undefined, '1.2.3'),
    schemaUrl: fc.constantFrom(undefined, 'x'),
  })
  .map(without);

/** Spans of few resources and scopes. */
export const SDK_SPANS: fc.Arbitrary<SdkSpan[]> = fc
  .tuple(
    fc.array(RESOURCES, { minLength: 1, maxLength: 2 }),
    fc.array(SCOPES, { minLength: 1, maxLength: 2 }),
  )
  .chain(([resources, scopes]) =>
    fc.array(
      fc
        .record({
          name: TEXT,
          kind: fc.nat({ max: 4 }),
          spanContext: CONTEXT.map((context) => () => context),
          parentSpanContext: fc.option(CONTEXT, { nil: undefined }),
          startTime: TIME,
          endTime: TIME,
          status: fc.record({ code: fc.nat({ max: 2 }), message: TEXT }),
          attributes: ATTRIBUTES,
          links: fc.array(
            fc.record({ context: CONTEXT, attributes: ATTRIBUTES, droppedAttributesCount: COUNT }),
            { maxLength: 2 },
          ),
          events: fc.array(
            fc.record({ time: TIME, name: TEXT, attributes: ATTRIBUTES, droppedAttributesCount: COUNT }),
            { maxLength: 2 },
          ),
          resource: fc.constantFrom(...resources),
          instrumentationScope: fc.constantFrom(...scopes),
          droppedAttributesCount: COUNT,
          droppedEventsCount: COUNT,
          droppedLinksCount: COUNT,
        })
        .map(without),
      { maxLength: 4 },
    ),
  );
