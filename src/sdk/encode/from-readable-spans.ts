import { OtlpBatch, type Traces } from '../../otlp/batch.ts';
import { envelopeKey } from '../../otlp/envelope-pool.ts';
import { TracesBuilder } from '../../otlp/traces-builder.ts';
import type { SdkSpan } from '../readable-span.ts';
import { encodeResource, encodeScope } from './envelopes.ts';
import { encodeSpan } from './span.ts';

/**
 * A batch of an SDK's spans, for a pipeline: everything a span has, grouped by resource and scope. Attributes a
 * resource has promised and does not know yet are left out; see `waitForAsyncAttributes` of resources.
 *
 * ```ts
 * import { fromReadableSpans, type SdkSpan } from 'spanloom';
 *
 * const span: SdkSpan = {
 *   name: 'pay',
 *   kind: 0,
 *   spanContext: () => ({
 *     traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
 *     spanId: '00f067aa0ba902b7',
 *     traceFlags: 1,
 *   }),
 *   startTime: [1_800_000_000, 0],
 *   endTime: [1_800_000_000, 5_000_000],
 *   status: { code: 0 },
 *   attributes: { 'order.id': 42 },
 *   links: [],
 *   events: [],
 *   resource: { attributes: { 'service.name': 'shop' } },
 *   instrumentationScope: { name: 'shop' },
 *   droppedAttributesCount: 0,
 *   droppedEventsCount: 0,
 *   droppedLinksCount: 0,
 * };
 * console.log(fromReadableSpans([span]).itemCount); // 1
 * ```
 */
export function fromReadableSpans(spans: readonly SdkSpan[]): Traces {
  const builder = new TracesBuilder();
  const resource = encodedOnce(encodeResource);
  const scope = encodedOnce(encodeScope);
  for (const span of spans) {
    const { bytes, key } = resource(span.resource);
    const { bytes: scopeBytes, key: scopeKey } = scope(span.instrumentationScope);
    builder.add(bytes, key, scopeBytes, scopeKey, encodeSpan(span));
  }
  return new OtlpBatch(builder.encode(), spans.length);
}

interface Encoded {
  readonly bytes: Uint8Array;
  readonly key: string;
}

/** The spans of a batch share few objects. */
function encodedOnce<T extends object>(encode: (value: T) => Uint8Array): (value: T) => Encoded {
  const known = new Map<T, Encoded>();
  return (value) => {
    let encoded = known.get(value);
    if (!encoded) {
      const bytes = encode(value);
      encoded = { bytes, key: envelopeKey(bytes) };
      known.set(value, encoded);
    }
    return encoded;
  };
}
