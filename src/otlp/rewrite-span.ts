import { LEN, varintSize } from './wire/format.ts';
import { WireReader } from './wire/reader.ts';
import { allocate } from './wire/slab.ts';

const TRACE_ID = (1 << 3) | LEN;
const PARENT_SPAN_ID = (4 << 3) | LEN;

export interface SpanChange {
  /** 16 bytes. */
  readonly traceId?: Uint8Array;
  /** 8 bytes, or none to make the span a root. */
  readonly parentSpanId?: Uint8Array;
  /** Encoded `attributes` fields (see `encodeSpanAttributes`) to append. */
  readonly attributes?: Uint8Array;
  /** Encoded `links` fields (see `encodeSpanLink`) to append. */
  readonly links?: Uint8Array;
}

/**
 * A copy of the `Span` message with the changes applied: ids are overwritten where they stand and appended
 * where they are missing, all other bytes stay as they are, unknown fields included.
 *
 * @throws {MalformedOtlpError}
 */
export function rewriteSpan(span: Uint8Array, change: SpanChange): Uint8Array {
  const { traceId, parentSpanId, attributes, links } = change;
  const out = allocate(
    span.length + idSize(traceId) + idSize(parentSpanId) + (attributes?.length ?? 0) + (links?.length ?? 0),
  );
  let length = span.length;
  out.set(span);
  if (traceId) length = setId(out, length, TRACE_ID, traceId);
  if (parentSpanId) length = setId(out, length, PARENT_SPAN_ID, parentSpanId);
  if (attributes) {
    out.set(attributes, length);
    length += attributes.length;
  }
  if (links) {
    out.set(links, length);
    length += links.length;
  }
  return length === out.length ? out : out.subarray(0, length);
}

function idSize(id: Uint8Array | undefined): number {
  return id ? 1 + varintSize(id.length) + id.length : 0;
}

/**
 * Gives the message at the start of `out` exactly one field `tag` with the value `id`; returns its new
 * length.
 */
function setId(out: Uint8Array, length: number, tag: number, id: Uint8Array): number {
  const reader = new WireReader(out, 0, length);
  let placed = false;
  while (reader.pos < reader.end) {
    const field = reader.pos;
    const found = reader.tag();
    if (found !== tag) {
      reader.skip(found);
      continue;
    }
    const size = reader.length();
    if (size === id.length && size > 0 && !placed) {
      out.set(id, reader.pos);
      reader.pos += size;
      placed = true;
      continue;
    }
    out.copyWithin(field, reader.pos + size, reader.end);
    reader.end -= reader.pos + size - field;
    reader.pos = field;
  }
  if (placed || id.length === 0) return reader.end;
  out[reader.end] = tag;
  out[reader.end + 1] = id.length;
  out.set(id, reader.end + 2);
  return reader.end + 2 + id.length;
}
