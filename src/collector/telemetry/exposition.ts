import type { MetricKind } from '../counters.ts';

/** One metric with all its series. */
export interface Family {
  readonly name: string;
  readonly kind: MetricKind;
  readonly help: string | undefined;
  readonly series: readonly Series[];
}

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * The families in Prometheus' text format (version 0.0.4), sorted by name. Characters that names may not have
 * become underscores.
 */
export function exposition(families: readonly Family[]): string {
  const sorted = [...families].sort((a, b) => (a.name < b.name ? -1 : 1));
  return sorted.map(family).join('');
}

function family({ name, kind, help, series }: Family): string {
  const metric = name.replace(/[^\w:]/g, '_');
  const lines = [
    ...(help === undefined ? [] : [`# HELP ${metric} ${escaped(help)}`]),
    `# TYPE ${metric} ${kind}`,
    ...series.map(({ labels, value }) => `${metric}${braced(labels)} ${number(value)}`),
  ];
  return `${lines.join('\n')}\n`;
}

function braced(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name.replace(/\W/g, '_')}="${escaped(value).replaceAll('"', '\\"')}"`,
  );
  return pairs.length > 0 ? `{${pairs.sort().join(',')}}` : '';
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function number(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}
