import { InstrumentationScope, KeyValue, Resource } from './common.ts';
import { MessageType } from './message-type.ts';

const Event = new MessageType('Event', {
  1: ['timeUnixNano', 'fixed64'],
  2: ['name', 'string'],
  3: ['attributes', KeyValue, 'repeated'],
  4: ['droppedAttributesCount', 'uint32'],
});

const Link = new MessageType('Link', {
  1: ['traceId', 'id'],
  2: ['spanId', 'id'],
  3: ['traceState', 'string'],
  4: ['attributes', KeyValue, 'repeated'],
  5: ['droppedAttributesCount', 'uint32'],
  6: ['flags', 'fixed32'],
});

const Status = new MessageType('Status', { 2: ['message', 'string'], 3: ['code', 'enum'] });

export const Span = new MessageType('Span', {
  1: ['traceId', 'id'],
  2: ['spanId', 'id'],
  3: ['traceState', 'string'],
  4: ['parentSpanId', 'id'],
  5: ['name', 'string'],
  6: ['kind', 'enum'],
  7: ['startTimeUnixNano', 'fixed64'],
  8: ['endTimeUnixNano', 'fixed64'],
  9: ['attributes', KeyValue, 'repeated'],
  10: ['droppedAttributesCount', 'uint32'],
  11: ['events', Event, 'repeated'],
  12: ['droppedEventsCount', 'uint32'],
  13: ['links', Link, 'repeated'],
  14: ['droppedLinksCount', 'uint32'],
  15: ['status', Status],
  16: ['flags', 'fixed32'],
});

const ScopeSpans = new MessageType('ScopeSpans', {
  1: ['scope', InstrumentationScope],
  2: ['spans', Span, 'repeated'],
  3: ['schemaUrl', 'string'],
});

const ResourceSpans = new MessageType('ResourceSpans', {
  1: ['resource', Resource],
  2: ['scopeSpans', ScopeSpans, 'repeated'],
  3: ['schemaUrl', 'string'],
});

export const ExportTraceServiceRequest = new MessageType('ExportTraceServiceRequest', {
  1: ['resourceSpans', ResourceSpans, 'repeated'],
});
