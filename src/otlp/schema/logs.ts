import { AnyValue, InstrumentationScope, KeyValue, Resource } from './common.ts';
import { MessageType } from './message-type.ts';

export const LogRecord = new MessageType('LogRecord', {
  1: ['timeUnixNano', 'fixed64'],
  2: ['severityNumber', 'enum'],
  3: ['severityText', 'string'],
  5: ['body', AnyValue],
  6: ['attributes', KeyValue, 'repeated'],
  7: ['droppedAttributesCount', 'uint32'],
  8: ['flags', 'fixed32'],
  9: ['traceId', 'id'],
  10: ['spanId', 'id'],
  11: ['observedTimeUnixNano', 'fixed64'],
  12: ['eventName', 'string'],
});

const ScopeLogs = new MessageType('ScopeLogs', {
  1: ['scope', InstrumentationScope],
  2: ['logRecords', LogRecord, 'repeated'],
  3: ['schemaUrl', 'string'],
});

const ResourceLogs = new MessageType('ResourceLogs', {
  1: ['resource', Resource],
  2: ['scopeLogs', ScopeLogs, 'repeated'],
  3: ['schemaUrl', 'string'],
});

export const ExportLogsServiceRequest = new MessageType('ExportLogsServiceRequest', {
  1: ['resourceLogs', ResourceLogs, 'repeated'],
});
