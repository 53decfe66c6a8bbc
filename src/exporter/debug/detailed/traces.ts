import type { Span, SpanEvent, SpanLink, TracesJson } from '../otlp-json.ts';
import { attributeLines, droppedLines, resourceLines, scopeLines, timeText } from './lines.ts';

const KINDS = ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'];
const STATUS = ['Unset', 'Ok', 'Error'];
const NESTED = '         ';

/** Every field of every span. */
export function detailedTraces({ resourceSpans = [] }: TracesJson): string[] {
  return resourceSpans.flatMap((resource, i) => [
    ...resourceLines('Spans', i, resource),
    ...(resource.scopeSpans ?? []).flatMap((scope, j) => [
      ...scopeLines('Spans', j, scope),
      ...(scope.spans ?? []).flatMap(spanLines),
    ]),
  ]);
}

function spanLines(span: Span, index: number): string[] {
  const field = (name: string, value: string | undefined) => `    ${name.padEnd(15)}: ${value ?? ''}`;
  const { droppedAttributesCount, droppedEventsCount, droppedLinksCount } = span;
  return [
    `Span #${index}`,
    field('Trace ID', span.traceId),
    field('Parent ID', span.parentSpanId),
    field('ID', span.spanId),
    field('Name', span.name),
    field('Kind', KINDS[span.kind ?? 0] ?? String(span.kind)),
    ...(span.traceState ? [field('TraceState', span.traceState)] : []),
    field('Start time', timeText(span.startTimeUnixNano)),
    field('End time', timeText(span.endTimeUnixNano)),
    field('Status code', STATUS[span.status?.code ?? 0] ?? String(span.status?.code)),
    field('Status message', span.status?.message),
    ...droppedLines('    ', {
      DroppedAttributesCount: droppedAttributesCount,
      DroppedEventsCount: droppedEventsCount,
      DroppedLinksCount: droppedLinksCount,
    }),
    ...attributeLines('Attributes:', span.attributes),
    ...(span.events?.length ? ['Events:', ...span.events.flatMap(eventLines)] : []),
    ...(span.links?.length ? ['Links:', ...span.links.flatMap(linkLines)] : []),
  ];
}

function eventLines(event: SpanEvent, index: number): string[] {
  return [
    `SpanEvent #${index}`,
    `     -> Name: ${event.name ?? ''}`,
    `     -> Timestamp: ${timeText(event.timeUnixNano)}`,
    ...droppedLines('     -> ', { DroppedAttributesCount: event.droppedAttributesCount }),
    ...attributeLines('     -> Attributes::', event.attributes, NESTED),
  ];
}

function linkLines(link: SpanLink, index: number): string[] {
  return [
    `SpanLink #${index}`,
    `     -> Trace ID: ${link.traceId ?? ''}`,
    `     -> ID: ${link.spanId ?? ''}`,
    `     -> TraceState: ${link.traceState ?? ''}`,
    ...droppedLines('     -> ', { DroppedAttributesCount: link.droppedAttributesCount }),
    ...attributeLines('     -> Attributes::', link.attributes, NESTED),
  ];
}
