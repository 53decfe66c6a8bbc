import { InstrumentationScope, KeyValue, Resource } from './common.ts';
import { MessageType } from './message-type.ts';

const Exemplar = new MessageType('Exemplar', {
  2: ['timeUnixNano', 'fixed64'],
  3: ['asDouble', 'double', 'oneof'],
  4: ['spanId', 'id'],
  5: ['traceId', 'id'],
  6: ['asInt', 'sfixed64', 'oneof'],
  7: ['filteredAttributes', KeyValue, 'repeated'],
});

export const NumberDataPoint = new MessageType('NumberDataPoint', {
  2: ['startTimeUnixNano', 'fixed64'],
  3: ['timeUnixNano', 'fixed64'],
  4: ['asDouble', 'double', 'oneof'],
  5: ['exemplars', Exemplar, 'repeated'],
  6: ['asInt', 'sfixed64', 'oneof'],
  7: ['attributes', KeyValue, 'repeated'],
  8: ['flags', 'uint32'],
});

export const HistogramDataPoint = new MessageType('HistogramDataPoint', {
  2: ['startTimeUnixNano', 'fixed64'],
  3: ['timeUnixNano', 'fixed64'],
  4: ['count', 'fixed64'],
  5: ['sum', 'double', 'optional'],
  6: ['bucketCounts', 'fixed64', 'repeated'],
  7: ['explicitBounds', 'double', 'repeated'],
  8: ['exemplars', Exemplar, 'repeated'],
  9: ['attributes', KeyValue, 'repeated'],
  10: ['flags', 'uint32'],
  11: ['min', 'double', 'optional'],
  12: ['max', 'double', 'optional'],
});

const Buckets = new MessageType('Buckets', {
  1: ['offset', 'sint32'],
  2: ['bucketCounts', 'uint64', 'repeated'],
});

export const ExponentialHistogramDataPoint = new MessageType('ExponentialHistogramDataPoint', {
  1: ['attributes', KeyValue, 'repeated'],
  2: ['startTimeUnixNano', 'fixed64'],
  3: ['timeUnixNano', 'fixed64'],
  4: ['count', 'fixed64'],
  5: ['sum', 'double', 'optional'],
  6: ['scale', 'sint32'],
  7: ['zeroCount', 'fixed64'],
  8: ['positive', Buckets],
  9: ['negative', Buckets],
  10: ['flags', 'uint32'],
  11: ['exemplars', Exemplar, 'repeated'],
  12: ['min', 'double', 'optional'],
  13: ['max', 'double', 'optional'],
  14: ['zeroThreshold', 'double'],
});

const ValueAtQuantile = new MessageType('ValueAtQuantile', {
  1: ['quantile', 'double'],
  2: ['value', 'double'],
});

export const SummaryDataPoint = new MessageType('SummaryDataPoint', {
  2: ['startTimeUnixNano', 'fixed64'],
  3: ['timeUnixNano', 'fixed64'],
  4: ['count', 'fixed64'],
  5: ['sum', 'double'],
  6: ['quantileValues', ValueAtQuantile, 'repeated'],
  7: ['attributes', KeyValue, 'repeated'],
  8: ['flags', 'uint32'],
});

const Gauge = new MessageType('Gauge', { 1: ['dataPoints', NumberDataPoint, 'repeated'] });

const Sum = new MessageType('Sum', {
  1: ['dataPoints', NumberDataPoint, 'repeated'],
  2: ['aggregationTemporality', 'enum'],
  3: ['isMonotonic', 'bool'],
});

const Histogram = new MessageType('Histogram', {
  1: ['dataPoints', HistogramDataPoint, 'repeated'],
  2: ['aggregationTemporality', 'enum'],
});

const ExponentialHistogram = new MessageType('ExponentialHistogram', {
  1: ['dataPoints', ExponentialHistogramDataPoint, 'repeated'],
  2: ['aggregationTemporality', 'enum'],
});

const Summary = new MessageType('Summary', { 1: ['dataPoints', SummaryDataPoint, 'repeated'] });

const Metric = new MessageType('Metric', {
  1: ['name', 'string'],
  2: ['description', 'string'],
  3: ['unit', 'string'],
  5: ['gauge', Gauge, 'oneof'],
  7: ['sum', Sum, 'oneof'],
  9: ['histogram', Histogram, 'oneof'],
  10: ['exponentialHistogram', ExponentialHistogram, 'oneof'],
  11: ['summary', Summary, 'oneof'],
  12: ['metadata', KeyValue, 'repeated'],
});

const ScopeMetrics = new MessageType('ScopeMetrics', {
  1: ['scope', InstrumentationScope],
  2: ['metrics', Metric, 'repeated'],
  3: ['schemaUrl', 'string'],
});

const ResourceMetrics = new MessageType('ResourceMetrics', {
  1: ['resource', Resource],
  2: ['scopeMetrics', ScopeMetrics, 'repeated'],
  3: ['schemaUrl', 'string'],
});

export const ExportMetricsServiceRequest = new MessageType('ExportMetricsServiceRequest', {
  1: ['resourceMetrics', ResourceMetrics, 'repeated'],
});
