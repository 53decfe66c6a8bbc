import { printable } from '../terminal/columns.ts';
import type { Paint } from '../terminal/paint.ts';
import { wrap } from '../terminal/wrap.ts';
import type { Explanation, Topic } from './explanation.ts';

const TITLES: Readonly<Record<Topic['topic'], string>> = {
  parent: 'Parent',
  evidence: 'Evidence for what made the call, strongest first',
  wire_context: 'Trace context on the wire',
  other_end: 'Other end of the connection',
  sdk_span: 'SDK span of the same request',
  exchange: 'Captured exchange',
  trace_id: 'Trace id',
  times: 'Times',
  children: 'Children',
  not_told: 'Not in this file',
};

/** One explanation for people. */
export function renderExplanation(explanation: Explanation, paint: Paint, width: number): string {
  const { span, topics } = explanation;
  const made = span.zero_code ? 'zero-code' : 'sdk';
  const name = span.name === '' ? '' : `  ${span.name}`;
  const lines = [
    paint(printable(`${span.kind} span ${span.span_id}  ${span.service}${name}  ${made}`), 'bold'),
    `in trace ${span.trace_id || '(none)'}`,
  ];
  for (const { topic, facts } of topics) {
    lines.push('', paint(TITLES[topic], 'cyan'));
    for (const { text } of facts)
      for (const [i, line] of wrap(printable(text), width - 4).entries())
        lines.push(`${i === 0 ? '  - ' : '    '}${line}`);
  }
  return `${lines.join('\n')}\n`;
}
