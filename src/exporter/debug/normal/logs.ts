import type { LogsJson } from '../otlp-json.ts';
import { pairs, plainValue } from '../value-text.ts';
import { joined, resourceHeading, scopeHeading } from './heading.ts';

/** One line a log record: body, attributes. */
export function normalLogs({ resourceLogs = [] }: LogsJson): string[] {
  const lines: string[] = [];
  for (const [i, resource] of resourceLogs.entries()) {
    lines.push(resourceHeading('Log', i, resource));
    for (const [j, scope] of (resource.scopeLogs ?? []).entries()) {
      lines.push(scopeHeading('Log', j, scope));
      for (const { body, attributes } of scope.logRecords ?? [])
        lines.push(joined(plainValue(body), pairs(attributes)));
    }
  }
  return lines;
}
