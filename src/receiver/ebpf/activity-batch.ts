import { putSpanId, putTraceId } from '../../correlate/identity.ts';
import { SpanEncoder } from '../../otlp/span-encoder.ts';
import { TracesBuilder } from '../../otlp/traces-builder.ts';
import type { CapturedTraces } from './captured-traces.ts';
import type { Activity, Exchange } from './exchange.ts';
import {
  encodeZeroCodeSpan,
  type Placement,
  resourceOf,
  ZERO_CODE_SCOPE,
  ZERO_CODE_SCOPE_KEY,
} from './zero-code-span.ts';

/** The activities of one drain. Spans are encoded only for a consumer that asks for them. */
export class ActivityBatch implements CapturedTraces {
  readonly activities: readonly Activity[];
  readonly #epochUnixNano: bigint;

  constructor(activities: readonly Activity[], epochUnixNano: bigint) {
    this.activities = activities;
    this.#epochUnixNano = epochUnixNano;
  }

  get itemCount(): number {
    let count = 0;
    for (const activity of this.activities) if (activity.type === 'end') count++;
    return count;
  }

  encode(): Uint8Array {
    const encoder = new SpanEncoder(this.#epochUnixNano);
    const builder = new TracesBuilder();
    for (const activity of this.activities)
      if (activity.type === 'end') {
        const { exchange } = activity;
        const resource = resourceOf(exchange.process);
        encodeZeroCodeSpan(encoder, exchange, alone(exchange));
        builder.add(resource.bytes, resource.key, ZERO_CODE_SCOPE, ZERO_CODE_SCOPE_KEY, encoder.finish());
      }
    return builder.encode();
  }
}

const traceId = new Uint8Array(16);
const spanId = new Uint8Array(8);

/** Nothing is joined yet: each exchange is a trace of its own. The ids are valid until the next call. */
function alone(exchange: Exchange): Placement {
  putTraceId(traceId, exchange);
  putSpanId(spanId, exchange);
  return {
    traceId,
    spanId,
    parentSpanId: '',
    start: exchange.start,
    end: exchange.end ?? exchange.start,
    flags: 1,
    traceState: '',
  };
}
