import type { Nanos } from '../../src/collector/clock.ts';
import { type AttributeEntry, encodeSpanAttributes } from '../../src/otlp/attributes.ts';
import { encodeResource, encodeScope } from '../../src/otlp/encode-envelope.ts';
import { SpanEncoder } from '../../src/otlp/span-encoder.ts';
import { TracesBuilder } from '../../src/otlp/traces-builder.ts';
import type { Actor } from './actor.ts';

export type Kind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

const KINDS = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;
const SCOPE = encodeScope('sdk', '1.0.0');

/** Where a span or a header hangs itself under. */
export interface Context {
  readonly traceId: string;
  readonly spanId: string;
}

/** A span of an SDK. */
export class SdkSpan implements Context {
  end: Nanos | undefined = undefined;

  constructor(
    readonly actor: Actor,
    readonly kind: Kind,
    readonly traceId: string,
    readonly spanId: string,
    readonly parentSpanId: string,
    readonly start: Nanos,
    readonly attributes: AttributeEntry[],
  ) {}
}

/** The W3C header that names a span. */
export function traceparent({ traceId, spanId }: Context, sampled = true): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

/** The export request of one SDK. */
export function encodeExport(
  epochUnixNano: bigint,
  spans: readonly SdkSpan[],
  resourceAttributes?: readonly AttributeEntry[],
): Uint8Array {
  const builder = new TracesBuilder();
  const encoder = new SpanEncoder(epochUnixNano);
  for (const span of spans) {
    const { facts } = span.actor.process;
    const resource = encodeResource(
      resourceAttributes ?? [
        ['service.name', span.actor.service],
        ['process.pid', facts.namespacePids.at(-1)!],
        ['telemetry.sdk.name', 'opentelemetry'],
      ],
    );
    encoder.begin(
      span.traceId,
      span.spanId,
      span.parentSpanId,
      KINDS[span.kind],
      span.start,
      span.end ?? span.start,
    );
    encoder.name(span.kind);
    encoder.attributes(encodeSpanAttributes(span.attributes));
    builder.add(resource, Buffer.from(resource).toString('latin1'), SCOPE, 'sdk', encoder.finish());
  }
  return builder.encode();
}
