import type {
  ExponentialPoint,
  HistogramPoint,
  KeyValue,
  Metric,
  MetricsJson,
  NumberPoint,
  SummaryPoint,
} from '../otlp-json.ts';
import { plainValue } from '../value-text.ts';
import { joined, resourceHeading, scopeHeading } from './heading.ts';

/** One line a data point: `name{a=1} value`. */
export function normalMetrics({ resourceMetrics = [] }: MetricsJson): string[] {
  const lines: string[] = [];
  for (const [i, resource] of resourceMetrics.entries()) {
    lines.push(resourceHeading('Metrics', i, resource));
    for (const [j, scope] of (resource.scopeMetrics ?? []).entries()) {
      lines.push(scopeHeading('Metrics', j, scope));
      for (const metric of scope.metrics ?? []) lines.push(...points(metric));
    }
  }
  return lines;
}

function points({ name = '', gauge, sum, histogram, exponentialHistogram, summary }: Metric): string[] {
  const line = (attributes: readonly KeyValue[] | undefined, value: string) =>
    `${name}{${(attributes ?? []).map((pair) => `${pair.key ?? ''}=${plainValue(pair.value)}`).join(',')}} ${value}`;
  return [
    ...(gauge?.dataPoints ?? []).map((point) => line(point.attributes, numberText(point))),
    ...(sum?.dataPoints ?? []).map((point) => line(point.attributes, numberText(point))),
    ...(histogram?.dataPoints ?? []).map((point) => line(point.attributes, histogramText(point))),
    ...(exponentialHistogram?.dataPoints ?? []).map((point) => line(point.attributes, statistics(point))),
    ...(summary?.dataPoints ?? []).map((point) => line(point.attributes, summaryText(point))),
  ];
}

function numberText({ asInt, asDouble }: NumberPoint): string {
  return String(asInt ?? asDouble ?? '');
}

function histogramText(point: HistogramPoint): string {
  const bounds = point.explicitBounds ?? [];
  const buckets = (point.bucketCounts ?? []).map((count, i) =>
    i < bounds.length ? `le${bounds[i]}=${count}` : count,
  );
  return joined(statistics(point), ...buckets);
}

function statistics({ count = '0', sum, min, max }: HistogramPoint | ExponentialPoint): string {
  return joined(
    `count=${count}`,
    sum === undefined ? '' : `sum=${sum}`,
    min === undefined ? '' : `min=${min}`,
    max === undefined ? '' : `max=${max}`,
  );
}

function summaryText({ count = '0', sum = 0, quantileValues = [] }: SummaryPoint): string {
  const quantiles = quantileValues.map(({ quantile = 0, value = 0 }) => `q${quantile}=${value}`);
  return joined(`count=${count}`, `sum=${sum}`, ...quantiles);
}
