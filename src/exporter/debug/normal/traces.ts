import type { TracesJson } from '../otlp-json.ts';
import { pairs } from '../value-text.ts';
import { joined, resourceHeading, scopeHeading } from './heading.ts';

/** One line a span: name, trace id, span id, attributes. */
export function normalTraces({ resourceSpans = [] }: TracesJson): string[] {
  const lines: string[] = [];
  for (const [i, resource] of resourceSpans.entries()) {
    lines.push(resourceHeading('Traces', i, resource));
    for (const [j, scope] of (resource.scopeSpans ?? []).entries()) {
      lines.push(scopeHeading('Traces', j, scope));
      for (const { name, traceId, spanId, attributes } of scope.spans ?? [])
        lines.push(joined(name, traceId, spanId, pairs(attributes)));
    }
  }
  return lines;
}
