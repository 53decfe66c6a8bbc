import type { Metric, MetricsJson } from '../otlp-json.ts';
import { resourceLines, scopeLines } from './lines.ts';
import { exponentialLines, histogramLines, numberLines, summaryLines } from './points.ts';

const TEMPORALITY = ['Unspecified', 'Delta', 'Cumulative'];

/** Every field of every data point. */
export function detailedMetrics({ resourceMetrics = [] }: MetricsJson): string[] {
  return resourceMetrics.flatMap((resource, i) => [
    ...resourceLines('Metrics', i, resource),
    ...(resource.scopeMetrics ?? []).flatMap((scope, j) => [
      ...scopeLines('Metrics', j, scope),
      ...(scope.metrics ?? []).flatMap(metricLines),
    ]),
  ]);
}

function metricLines(metric: Metric, index: number): string[] {
  const { name = '', description = '', unit = '' } = metric;
  const { gauge, sum, histogram, exponentialHistogram, summary } = metric;
  return [
    `Metric #${index}`,
    'Descriptor:',
    `     -> Name: ${name}`,
    `     -> Description: ${description}`,
    `     -> Unit: ${unit}`,
    ...(gauge ? [dataType('Gauge'), ...(gauge.dataPoints ?? []).flatMap(numberLines)] : []),
    ...(sum
      ? [
          dataType('Sum'),
          `     -> IsMonotonic: ${sum.isMonotonic ?? false}`,
          temporality(sum),
          ...(sum.dataPoints ?? []).flatMap(numberLines),
        ]
      : []),
    ...(histogram
      ? [
          dataType('Histogram'),
          temporality(histogram),
          ...(histogram.dataPoints ?? []).flatMap(histogramLines),
        ]
      : []),
    ...(exponentialHistogram
      ? [
          dataType('ExponentialHistogram'),
          temporality(exponentialHistogram),
          ...(exponentialHistogram.dataPoints ?? []).flatMap(exponentialLines),
        ]
      : []),
    ...(summary ? [dataType('Summary'), ...(summary.dataPoints ?? []).flatMap(summaryLines)] : []),
  ];
}

function dataType(name: string): string {
  return `     -> DataType: ${name}`;
}

function temporality({ aggregationTemporality = 0 }: { readonly aggregationTemporality?: number }): string {
  const name = TEMPORALITY[aggregationTemporality] ?? String(aggregationTemporality);
  return `     -> AggregationTemporality: ${name}`;
}
