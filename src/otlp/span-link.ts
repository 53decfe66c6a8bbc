import { type AttributeEntry, encodeAttributes } from './attributes.ts';
import { idBytes } from './ids.ts';
import { FIXED32, LEN } from './wire/format.ts';
import { WireWriter } from './wire/writer.ts';

export interface SpanLink {
  /** 16 bytes, or 32 hex digits. */
  readonly traceId: Uint8Array | string;
  /** 8 bytes, or 16 hex digits. */
  readonly spanId: Uint8Array | string;
  readonly attributes?: Iterable<AttributeEntry>;
  readonly traceState?: string;
  readonly flags?: number;
}

/** One encoded `links` field of a span. */
export function encodeSpanLink(link: SpanLink): Uint8Array {
  const { traceId, spanId, attributes, traceState, flags } = link;
  const message = new WireWriter();
  message.field((1 << 3) | LEN, typeof traceId === 'string' ? idBytes(traceId) : traceId);
  message.field((2 << 3) | LEN, typeof spanId === 'string' ? idBytes(spanId) : spanId);
  if (traceState) {
    message.varint((3 << 3) | LEN);
    message.text(traceState);
  }
  if (attributes) message.raw(encodeAttributes(attributes, 4));
  if (flags) {
    message.varint((6 << 3) | FIXED32);
    message.fixed32(flags);
  }
  const field = new WireWriter();
  field.field((13 << 3) | LEN, message.copy());
  return field.copy();
}
