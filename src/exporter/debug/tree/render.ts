import { printable } from '../../../terminal/columns.ts';
import type { TracesJson } from '../otlp-json.ts';
import { durationText } from './duration-text.ts';
import { forest, type Trace } from './forest.ts';
import { extentOf, type Interval, lengthOf } from './interval.ts';
import { layout } from './layout.ts';
import { rows } from './row.ts';
import type { Style } from './style.ts';

/** Every trace of a batch as an indented tree with an empty line below it. */
export function renderTrees(batch: TracesJson, style: Style): string {
  return forest(batch)
    .map((trace) => `${renderTrace(trace, style).join('\n')}\n\n`)
    .join('');
}

function renderTrace(trace: Trace, style: Style): string[] {
  const { paint, glyphs } = style;
  const blocks = [
    ...trace.roots.map((root) => ({ heading: [], rows: rows(root, 'root') })),
    ...trace.fragments.map((node) => ({
      heading: [
        paint(`${glyphs.ellipsis} continued: parent ${printable(node.span.parentSpanId ?? '')}`, 'dim'),
      ],
      rows: rows(node, 'fragment'),
    })),
  ];
  const whole = extentOf(trace.nodes);
  const line = layout(
    blocks.flatMap((block) => block.rows),
    whole,
    style,
  );
  return [
    header(trace, whole, style),
    ...blocks.flatMap((block) => [...block.heading, ...block.rows.map(line)]),
  ];
}

function header({ traceId, nodes }: Trace, whole: Interval, { paint, glyphs, width }: Style): string {
  const facts = [
    count(nodes.length, 'span'),
    count(new Set(nodes.map(({ service }) => service)).size, 'service'),
    durationText(lengthOf(whole)),
    new Date(Number(whole.start / 1_000_000n)).toISOString(),
  ];
  const title = traceId === '' ? 'spans without trace id' : `trace ${traceId}`;
  while (facts.length > 1 && `${title}  ${facts.join(glyphs.separator)}`.length > width) facts.pop();
  return `${paint(title, 'bold')}  ${paint(facts.join(glyphs.separator), 'dim')}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
