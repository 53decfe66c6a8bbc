import type { Traces } from '../../otlp/batch.ts';
import { LEN, VARINT } from '../../otlp/wire/format.ts';
import { WireReader } from '../../otlp/wire/reader.ts';
import type { ReadableSpan, SdkScope, SpanResource } from '../readable-span.ts';
import { AttributeReader } from './attributes.ts';
import { eachField, nested, readCount, readText } from './fields.ts';
import { readResource } from './resource.ts';
import { readSpan } from './span.ts';

const FIELD_1 = (1 << 3) | LEN;
const FIELD_2 = (2 << 3) | LEN;
const FIELD_3 = (3 << 3) | LEN;

/**
 * The spans of a batch as an SDK hands them to its exporters. Spans of one resource and scope share these objects, as
 * exporters of OTLP expect.
 *
 * What `ReadableSpan` has no place for is left out: unknown fields, entity references and dropped counts of resources,
 * and the difference between the integer 1 and the double 1. Integers beyond 2^53 become text, the unspecified kind
 * becomes internal.
 *
 * ```ts
 * import { fromReadableSpans, toReadableSpans } from 'spanloom';
 *
 * const batch = fromReadableSpans([]);
 * for (const span of toReadableSpans(batch)) console.log(span.name, span.resource.attributes['service.name']);
 * ```
 *
 * @throws {MalformedOtlpError} when the bytes of the batch are no OTLP
 */
export function toReadableSpans(batch: Traces): ReadableSpan[] {
  const spans: ReadableSpan[] = [];
  const reader = new WireReader(batch.encode());
  eachField(reader, (tag) => {
    if (tag !== FIELD_1) return false;
    nested(reader, () => readResourceSpans(reader, spans));
    return true;
  });
  return spans;
}

function readResourceSpans(reader: WireReader, spans: ReadableSpan[]): void {
  const start = reader.pos;
  const resource = readResource(reader);
  reader.pos = start;
  eachField(reader, (tag) => {
    if (tag !== FIELD_2) return false;
    nested(reader, () => readScopeSpans(reader, resource, spans));
    return true;
  });
}

function readScopeSpans(reader: WireReader, resource: SpanResource, spans: ReadableSpan[]): void {
  const start = reader.pos;
  const scope = readScope(reader);
  reader.pos = start;
  eachField(reader, (tag) => {
    if (tag !== FIELD_2) return false;
    spans.push(nested(reader, () => readSpan(reader, resource, scope)));
    return true;
  });
}

/** The scope of the `ScopeSpans` that fills the reader up to its end. */
function readScope(reader: WireReader): SdkScope {
  const fields = new AttributeReader();
  let name = '';
  let version = '';
  let schemaUrl = '';
  let droppedAttributesCount = 0;
  eachField(reader, (tag) => {
    if (tag === FIELD_3) schemaUrl = readText(reader);
    else if (tag === FIELD_1)
      nested(reader, () =>
        eachField(reader, (inner) => {
          if (inner === FIELD_1) name = readText(reader);
          else if (inner === FIELD_2) version = readText(reader);
          else if (inner === FIELD_3) fields.read(reader);
          else if (inner === ((4 << 3) | VARINT)) droppedAttributesCount = readCount(reader);
          else return false;
          return true;
        }),
      );
    else return false;
    return true;
  });
  const attributes = fields.attributes();
  return {
    name,
    ...(version !== '' && { version }),
    ...(schemaUrl !== '' && { schemaUrl }),
    ...(Object.keys(attributes).length > 0 && { attributes, droppedAttributesCount }),
  };
}
