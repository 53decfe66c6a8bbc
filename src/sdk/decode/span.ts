import { FIXED64, LEN, VARINT } from '../../otlp/wire/format.ts';
import type { WireReader } from '../../otlp/wire/reader.ts';
import type { HrTime, ReadableSpan, SdkScope, SpanContext, SpanResource } from '../readable-span.ts';
import { AttributeReader } from './attributes.ts';
import { ContextReader } from './context.ts';
import { eachField, nested, readCount, readId, readText, readTime } from './fields.ts';

/** The `Span` message that fills the reader up to its end. */
export function readSpan(reader: WireReader, resource: SpanResource, scope: SdkScope): ReadableSpan {
  const context = new ContextReader(16);
  const attributes = new AttributeReader();
  const events: ReadableSpan['events'] = [];
  const links: ReadableSpan['links'] = [];
  let status: ReadableSpan['status'] = { code: 0 };
  let parentId = '';
  let name = '';
  let kind = 0;
  let startTime: HrTime = [0, 0];
  let endTime: HrTime = [0, 0];
  let droppedAttributesCount = 0;
  let droppedEventsCount = 0;
  let droppedLinksCount = 0;
  eachField(reader, (tag) => {
    if (context.read(reader, tag)) return true;
    if (tag === ((4 << 3) | LEN)) parentId = readId(reader);
    else if (tag === ((5 << 3) | LEN)) name = readText(reader);
    else if (tag === ((6 << 3) | VARINT)) kind = readCount(reader);
    else if (tag === ((7 << 3) | FIXED64)) startTime = readTime(reader);
    else if (tag === ((8 << 3) | FIXED64)) endTime = readTime(reader);
    else if (tag === ((9 << 3) | LEN)) attributes.read(reader);
    else if (tag === ((10 << 3) | VARINT)) droppedAttributesCount = readCount(reader);
    else if (tag === ((11 << 3) | LEN)) events.push(nested(reader, readEvent));
    else if (tag === ((12 << 3) | VARINT)) droppedEventsCount = readCount(reader);
    else if (tag === ((13 << 3) | LEN)) links.push(nested(reader, readLink));
    else if (tag === ((14 << 3) | VARINT)) droppedLinksCount = readCount(reader);
    else if (tag === ((15 << 3) | LEN)) status = nested(reader, readStatus);
    else return false;
    return true;
  });
  const spanContext = context.context();
  return {
    name,
    kind: kindOf(kind),
    spanContext: () => spanContext,
    ...(isId(parentId) && { parentSpanContext: parentOf(spanContext, parentId, context.isRemote) }),
    startTime,
    endTime,
    duration: duration(startTime, endTime),
    ended: true,
    status,
    attributes: attributes.attributes(),
    events,
    links,
    resource,
    instrumentationScope: scope,
    droppedAttributesCount,
    droppedEventsCount,
    droppedLinksCount,
  };
}

function readEvent(reader: WireReader): ReadableSpan['events'][number] {
  const attributes = new AttributeReader();
  let time: HrTime = [0, 0];
  let name = '';
  let droppedAttributesCount = 0;
  eachField(reader, (tag) => {
    if (tag === ((1 << 3) | FIXED64)) time = readTime(reader);
    else if (tag === ((2 << 3) | LEN)) name = readText(reader);
    else if (tag === ((3 << 3) | LEN)) attributes.read(reader);
    else if (tag === ((4 << 3) | VARINT)) droppedAttributesCount = readCount(reader);
    else return false;
    return true;
  });
  return { time, name, attributes: attributes.attributes(), droppedAttributesCount };
}

function readLink(reader: WireReader): ReadableSpan['links'][number] {
  const fields = new ContextReader(6);
  const attributes = new AttributeReader();
  let droppedAttributesCount = 0;
  eachField(reader, (tag) => {
    if (fields.read(reader, tag)) return true;
    if (tag === ((4 << 3) | LEN)) attributes.read(reader);
    else if (tag === ((5 << 3) | VARINT)) droppedAttributesCount = readCount(reader);
    else return false;
    return true;
  });
  const { isRemote } = fields;
  const context = { ...fields.context(), ...(isRemote !== undefined && { isRemote }) };
  return { context, attributes: attributes.attributes(), droppedAttributesCount };
}

function readStatus(reader: WireReader): ReadableSpan['status'] {
  let code = 0;
  let message = '';
  eachField(reader, (tag) => {
    if (tag === ((2 << 3) | LEN)) message = readText(reader);
    else if (tag === ((3 << 3) | VARINT)) code = readCount(reader);
    else return false;
    return true;
  });
  return { code: code === 1 || code === 2 ? code : 0, ...(message !== '' && { message }) };
}

/** OTLP begins with the unspecified kind, which may be taken for internal (`trace.proto`). */
function kindOf(kind: number): ReadableSpan['kind'] {
  return (kind >= 1 && kind <= 5 ? kind - 1 : 0) as ReadableSpan['kind'];
}

/** The id of no span is absent or all zero. */
function isId(id: string): boolean {
  return /[^0]/.test(id);
}

/** A span tells of its parent the id, and that the trace's flags are the same. */
function parentOf(child: SpanContext, spanId: string, isRemote: boolean | undefined): SpanContext {
  const { traceId, traceFlags } = child;
  return { traceId, spanId, traceFlags, ...(isRemote !== undefined && { isRemote }) };
}

/** Never below zero: as the SDK, whose clocks may be set back. */
function duration(start: HrTime, end: HrTime): HrTime {
  const seconds = end[0] - start[0];
  const nanoseconds = end[1] - start[1];
  if (seconds < 0 || (seconds === 0 && nanoseconds < 0)) return [0, 0];
  return nanoseconds < 0 ? [seconds - 1, nanoseconds + 1e9] : [seconds, nanoseconds];
}
