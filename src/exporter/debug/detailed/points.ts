import type { Exemplar, ExponentialPoint, HistogramPoint, NumberPoint, SummaryPoint } from '../otlp-json.ts';
import { attributeLines, timeText } from './lines.ts';

export function numberLines(point: NumberPoint, index: number): string[] {
  return [
    ...pointLines('NumberDataPoints', point, index),
    `Value: ${valueText(point)}`,
    ...exemplarLines(point),
  ];
}

export function histogramLines(point: HistogramPoint, index: number): string[] {
  return [
    ...pointLines('HistogramDataPoints', point, index),
    ...statisticLines(point),
    ...(point.explicitBounds ?? []).map((bound, i) => `ExplicitBounds #${i}: ${bound}`),
    ...(point.bucketCounts ?? []).map((count, i) => `Buckets #${i}, Count: ${count}`),
    ...exemplarLines(point),
  ];
}

export function exponentialLines(point: ExponentialPoint, index: number): string[] {
  const base = 2 ** (2 ** -(point.scale ?? 0));
  const bound = (exponent: number) => (base ** exponent).toFixed(6);
  const positive = (point.positive?.bucketCounts ?? []).map((count, i) => {
    const at = (point.positive?.offset ?? 0) + i;
    return `Bucket (${bound(at)}, ${bound(at + 1)}], Count: ${count}`;
  });
  const negative = (point.negative?.bucketCounts ?? []).map((count, i) => {
    const at = (point.negative?.offset ?? 0) + i;
    return `Bucket [-${bound(at + 1)}, -${bound(at)}), Count: ${count}`;
  });
  const zero = point.zeroCount ? [`Bucket [0, 0], Count: ${point.zeroCount}`] : [];
  return [
    ...pointLines('ExponentialHistogramDataPoints', point, index),
    ...statisticLines(point),
    ...negative.reverse(),
    ...zero,
    ...positive,
    ...exemplarLines(point),
  ];
}

export function summaryLines(point: SummaryPoint, index: number): string[] {
  return [
    ...pointLines('SummaryDataPoints', point, index),
    ...statisticLines(point),
    ...(point.quantileValues ?? []).map(
      ({ quantile = 0, value = 0 }, i) => `QuantileValue #${i}: Quantile ${quantile}, Value ${value}`,
    ),
  ];
}

function pointLines(title: string, point: NumberPoint, index: number): string[] {
  return [
    `${title} #${index}`,
    ...attributeLines('Data point attributes:', point.attributes),
    `StartTimestamp: ${timeText(point.startTimeUnixNano)}`,
    `Timestamp: ${timeText(point.timeUnixNano)}`,
  ];
}

function statisticLines(point: HistogramPoint): string[] {
  const { count = '0', sum, min, max } = point;
  const named = { Sum: sum, Min: min, Max: max };
  return [
    `Count: ${count}`,
    ...Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`])),
  ];
}

function exemplarLines({ exemplars = [] }: { readonly exemplars?: readonly Exemplar[] }): string[] {
  if (exemplars.length === 0) return [];
  return [
    'Exemplars:',
    ...exemplars.flatMap((exemplar, i) => [
      `Exemplar #${i}`,
      `     -> Trace ID: ${exemplar.traceId ?? ''}`,
      `     -> Span ID: ${exemplar.spanId ?? ''}`,
      `     -> Timestamp: ${timeText(exemplar.timeUnixNano)}`,
      `     -> Value: ${valueText(exemplar)}`,
      ...attributeLines('     -> FilteredAttributes:', exemplar.filteredAttributes, '         '),
    ]),
  ];
}

function valueText({ asInt, asDouble }: { asInt?: string; asDouble?: number | string }): string {
  return String(asInt ?? asDouble ?? '');
}
