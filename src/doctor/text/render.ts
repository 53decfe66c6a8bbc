import { printable } from '../../terminal/columns.ts';
import type { Paint } from '../../terminal/paint.ts';
import { table } from '../../terminal/table.ts';
import { wrap } from '../../terminal/wrap.ts';
import type { EdgeRow, Finding, Report, ServiceRow } from '../report.ts';

export interface TextStyle {
  readonly paint: Paint;
  /** Columns to stay within. */
  readonly width: number;
}

const INDENT = '  ';

/** The report for people: who there is, who calls whom, what is wrong. */
export function renderReport(report: Report, { paint, width }: TextStyle): string {
  const { recording, seconds, from, services, edges, findings } = report;
  const source = recording === null ? `Watched for ${seconds} s` : `${recording}: ${seconds} s`;
  const blocks = [
    [`${source}, from ${from}`],
    services.length > 0 ? titled(serviceTable(services), paint) : [],
    edges.length > 0 ? titled(edgeTable(edges, findings), paint) : [],
    [paint(summary(findings), 'bold')],
    ...findings.map((finding) => findingText(finding, paint, width)),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.map((line) => `${line}\n`).join(''))
    .join('\n')}`;
}

function titled([title, ...rows]: readonly string[], paint: Paint): string[] {
  return [paint(title!, 'dim'), ...rows];
}

function serviceTable(services: readonly ServiceRow[]): string[] {
  return table(
    [
      { title: 'SERVICE' },
      { title: 'RUNTIME' },
      { title: 'PROCESSES', align: 'right' },
      { title: 'REQUESTS', align: 'right' },
      { title: 'SDK SPANS', align: 'right' },
    ],
    services.map(({ service, runtimes, processes, requests, sdk_spans }) => [
      printable(service),
      runtimes.join(', '),
      String(processes),
      String(requests),
      String(sdk_spans),
    ]),
  );
}

function edgeTable(edges: readonly EdgeRow[], findings: readonly Finding[]): string[] {
  return table(
    [
      { title: 'FROM' },
      { title: 'TO' },
      { title: 'PROTOCOL' },
      { title: 'CALLS', align: 'right' },
      { title: 'CONTEXT' },
      { title: '' },
    ],
    edges.map((edge) => [
      printable(edge.client),
      printable(edge.server),
      edge.protocol,
      String(edge.calls),
      contextText(edge),
      marks(edge, findings),
    ]),
  );
}

/** What went along with the calls: one word where it is the same for all. */
function contextText(edge: EdgeRow): string {
  const parts: [what: string, n: number][] = [
    ...Object.entries(edge.context),
    ['none', edge.no_context],
    ['headers cut', edge.context_unknown],
    ['n/a', edge.context_impossible],
  ];
  const present = parts.filter(([, n]) => n > 0);
  const text = present.map(([what, n]) => (present.length === 1 ? what : `${what} ${n}`)).join(', ');
  return edge.not_sampled > 0 ? `${text} (not sampled ${edge.not_sampled})` : text;
}

function marks(edge: EdgeRow, findings: readonly Finding[]): string {
  const codes = findings
    .filter(
      ({ code, service, peer }) =>
        (code === 'context_dropped' && service === edge.client && peer === edge.server) ||
        ((code === 'trace_restarted' || code === 'context_ignored') &&
          service === edge.server &&
          peer === edge.client),
    )
    .map(({ code }) => code);
  return codes.length > 0 && edge.protocol === 'http' ? `<- ${[...new Set(codes)].join(', ')}` : '';
}

function summary(findings: readonly Finding[]): string {
  const problems = findings.filter(({ severity }) => severity === 'problem').length;
  const notices = findings.length - problems;
  const noted = notices > 0 ? `, ${notices} ${notices === 1 ? 'notice' : 'notices'}` : '';
  if (problems === 0) return `No problem was found${noted}.`;
  return `${problems} ${problems === 1 ? 'problem' : 'problems'}${noted}:`;
}

function where({ service, peer, peer_role }: Finding): string {
  if (peer === null) return service;
  return peer_role === 'caller' ? `${peer} -> ${service}` : `${service} -> ${peer}`;
}

function findingText(finding: Finding, paint: Paint, width: number): string[] {
  const { code, severity, seen, action, examples } = finding;
  const colour = severity === 'problem' ? 'red' : 'yellow';
  const text = (words: string, first: string) =>
    wrap(printable(words), width - INDENT.length - first.length).map(
      (line, i) => INDENT + (i === 0 ? first : ' '.repeat(first.length)) + line,
    );
  return [
    `${paint(severity === 'problem' ? 'PROBLEM' : 'notice', colour, 'bold')} ${paint(code, 'bold')}  ${printable(where(finding))}`,
    ...text(seen, ''),
    ...text(action, 'To do: '),
    ...examples
      .slice(0, 1)
      .map(({ trace_id, span_id }) => paint(`${INDENT}e.g. span ${span_id} of trace ${trace_id}`, 'dim')),
  ];
}
