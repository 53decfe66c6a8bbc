import { idBytes } from '../../otlp/ids.ts';
import { FIXED32, FIXED64, LEN, VARINT } from '../../otlp/wire/format.ts';
import { WireWriter } from '../../otlp/wire/writer.ts';
import type { HrTime, SdkSpan } from '../readable-span.ts';
import { writeAttributes } from './attributes.ts';

/** Bit 8 of `flags` says that bit 9, which says that the context came from elsewhere, is meant (`SpanFlags`). */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

const MAX_UINT32 = 2 ** 32 - 1;
const MAX_UINT64 = 2n ** 64n - 1n;

type Context = ReturnType<SdkSpan['spanContext']>;

/** The `Span` message of an SDK's span. */
export function encodeSpan(span: SdkSpan): Uint8Array {
  const writer = new WireWriter(512);
  const context = span.spanContext();
  const parent = span.parentSpanContext;
  writeIds(writer, context);
  if (parent?.spanId) writer.field((4 << 3) | LEN, idBytes(parent.spanId));
  writeText(writer, 5, span.name);
  writer.varint((6 << 3) | VARINT);
  // OTLP begins with the unspecified kind, the API does not have one.
  writer.varint(span.kind + 1);
  writeTime(writer, 7, span.startTime);
  writeTime(writer, 8, span.endTime);
  writeAttributes(writer, 9, span.attributes);
  writeCount(writer, 10, span.droppedAttributesCount);
  for (const event of span.events) writeEvent(writer, event);
  writeCount(writer, 12, span.droppedEventsCount);
  for (const link of span.links) writeLink(writer, link);
  writeCount(writer, 14, span.droppedLinksCount);
  writeStatus(writer, span.status);
  writeFlags(writer, 16, context.traceFlags, parent?.isRemote);
  return writer.copy();
}

function writeEvent(writer: WireWriter, event: SdkSpan['events'][number]): void {
  writer.varint((11 << 3) | LEN);
  const start = writer.begin();
  writeTime(writer, 1, event.time);
  writeText(writer, 2, event.name);
  writeAttributes(writer, 3, event.attributes);
  writeCount(writer, 4, event.droppedAttributesCount);
  writer.end(start);
}

function writeLink(writer: WireWriter, link: SdkSpan['links'][number]): void {
  writer.varint((13 << 3) | LEN);
  const start = writer.begin();
  writeIds(writer, link.context);
  writeAttributes(writer, 4, link.attributes);
  writeCount(writer, 5, link.droppedAttributesCount);
  writeFlags(writer, 6, link.context.traceFlags, link.context.isRemote);
  writer.end(start);
}

function writeStatus(writer: WireWriter, { code, message }: SdkSpan['status']): void {
  writer.varint((15 << 3) | LEN);
  const start = writer.begin();
  writeText(writer, 2, message);
  if (code !== 0) {
    writer.varint((3 << 3) | VARINT);
    writer.varint(code);
  }
  writer.end(start);
}

/** Trace id, span id and tracestate: fields 1 to 3 of a span and of a link. */
function writeIds(writer: WireWriter, { traceId, spanId, traceState }: Context): void {
  writer.field((1 << 3) | LEN, idBytes(traceId));
  writer.field((2 << 3) | LEN, idBytes(spanId));
  writeText(writer, 3, traceState?.serialize());
}

function writeText(writer: WireWriter, field: number, text: string | undefined): void {
  if (!text) return;
  writer.varint((field << 3) | LEN);
  writer.text(text);
}

function writeCount(writer: WireWriter, field: number, count: number | undefined): void {
  if (!count) return;
  writer.varint((field << 3) | VARINT);
  writer.varint64(Math.min(Math.trunc(count), MAX_UINT32));
}

function writeTime(writer: WireWriter, field: number, [seconds, nanoseconds]: Readonly<HrTime>): void {
  const nanos = whole(seconds) * 1_000_000_000n + whole(nanoseconds);
  const time = nanos < 0n ? 0n : nanos > MAX_UINT64 ? MAX_UINT64 : nanos;
  writer.varint((field << 3) | FIXED64);
  writer.fixed64(Number(BigInt.asUintN(32, time)), Number(time >> 32n));
}

/** An application may have given a time that is no number. */
function whole(value: number): bigint {
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n;
}

function writeFlags(writer: WireWriter, field: number, traceFlags: number, remote?: boolean): void {
  writer.varint((field << 3) | FIXED32);
  writer.fixed32((traceFlags & 0xff) | HAS_IS_REMOTE | (remote ? IS_REMOTE : 0));
}
