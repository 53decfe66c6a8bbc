import type { LogRecord, LogsJson } from '../otlp-json.ts';
import { typedValue } from '../value-text.ts';
import { attributeLines, droppedLines, resourceLines, scopeLines, timeText } from './lines.ts';

const SEVERITIES = ['Trace', 'Debug', 'Info', 'Warn', 'Error', 'Fatal'];

/** Every field of every log record. */
export function detailedLogs({ resourceLogs = [] }: LogsJson): string[] {
  return resourceLogs.flatMap((resource, i) => [
    ...resourceLines('Log', i, resource),
    ...(resource.scopeLogs ?? []).flatMap((scope, j) => [
      ...scopeLines('Logs', j, scope),
      ...(scope.logRecords ?? []).flatMap(recordLines),
    ]),
  ]);
}

function recordLines(record: LogRecord, index: number): string[] {
  return [
    `LogRecord #${index}`,
    `ObservedTimestamp: ${timeText(record.observedTimeUnixNano)}`,
    `Timestamp: ${timeText(record.timeUnixNano)}`,
    `SeverityText: ${record.severityText ?? ''}`,
    `SeverityNumber: ${severity(record.severityNumber ?? 0)}`,
    ...(record.eventName ? [`EventName: ${record.eventName}`] : []),
    `Body: ${typedValue(record.body)}`,
    ...droppedLines('', { DroppedAttributesCount: record.droppedAttributesCount }),
    ...attributeLines('Attributes:', record.attributes),
    `Trace ID: ${record.traceId ?? ''}`,
    `Span ID: ${record.spanId ?? ''}`,
    `Flags: ${record.flags ?? 0}`,
  ];
}

/** Severity numbers come in groups of four: `Info(9)`, `Info2(10)`. */
function severity(number: number): string {
  const group = SEVERITIES[Math.floor((number - 1) / 4)];
  if (number < 1 || group === undefined) return `Unspecified(${number})`;
  const step = ((number - 1) % 4) + 1;
  return `${group}${step === 1 ? '' : step}(${number})`;
}
