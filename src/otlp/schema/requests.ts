import type { Signal } from '../../collector/component.ts';
import { ExportLogsServiceRequest, LogRecord } from './logs.ts';
import type { MessageType } from './message-type.ts';
import {
  ExponentialHistogramDataPoint,
  ExportMetricsServiceRequest,
  HistogramDataPoint,
  NumberDataPoint,
  SummaryDataPoint,
} from './metrics.ts';
import { ExportTraceServiceRequest, Span } from './trace.ts';

/** The message that carries a signal. */
export const REQUESTS: Readonly<Record<Signal, MessageType>> = {
  traces: ExportTraceServiceRequest,
  metrics: ExportMetricsServiceRequest,
  logs: ExportLogsServiceRequest,
};

/** The messages that count as one item each. */
export const ITEMS: readonly MessageType[] = [
  Span,
  NumberDataPoint,
  HistogramDataPoint,
  ExponentialHistogramDataPoint,
  SummaryDataPoint,
  LogRecord,
];
