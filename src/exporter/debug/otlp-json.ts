/** OTLP/JSON as `toJson` writes it: fields of default value are absent, 64-bit integers are strings. */

export interface AnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string;
  readonly doubleValue?: number | string;
  readonly arrayValue?: { readonly values?: readonly AnyValue[] };
  readonly kvlistValue?: { readonly values?: readonly KeyValue[] };
  /** Base64. */
  readonly bytesValue?: string;
}

export interface KeyValue {
  readonly key?: string;
  readonly value?: AnyValue;
}

export interface Resource {
  readonly attributes?: readonly KeyValue[];
}

export interface Scope {
  readonly name?: string;
  readonly version?: string;
  readonly attributes?: readonly KeyValue[];
}

interface Schema {
  readonly schemaUrl?: string;
}

interface Dropped {
  readonly droppedAttributesCount?: number;
}

export interface SpanEvent extends Dropped {
  readonly timeUnixNano?: string;
  readonly name?: string;
  readonly attributes?: readonly KeyValue[];
}

export interface SpanLink extends Dropped {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly traceState?: string;
  readonly attributes?: readonly KeyValue[];
}

export interface Span extends Dropped {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly name?: string;
  readonly kind?: number;
  readonly startTimeUnixNano?: string;
  readonly endTimeUnixNano?: string;
  readonly attributes?: readonly KeyValue[];
  readonly events?: readonly SpanEvent[];
  readonly links?: readonly SpanLink[];
  readonly status?: { readonly code?: number; readonly message?: string };
  readonly droppedEventsCount?: number;
  readonly droppedLinksCount?: number;
}

interface ScopeSpans extends Schema {
  readonly scope?: Scope;
  readonly spans?: readonly Span[];
}

interface ResourceSpans extends Schema {
  readonly resource?: Resource;
  readonly scopeSpans?: readonly ScopeSpans[];
}

export interface TracesJson {
  readonly resourceSpans?: readonly ResourceSpans[];
}

export interface LogRecord extends Dropped {
  readonly timeUnixNano?: string;
  readonly observedTimeUnixNano?: string;
  readonly severityNumber?: number;
  readonly severityText?: string;
  readonly body?: AnyValue;
  readonly attributes?: readonly KeyValue[];
  readonly traceId?: string;
  readonly spanId?: string;
  readonly flags?: number;
  readonly eventName?: string;
}

interface ScopeLogs extends Schema {
  readonly scope?: Scope;
  readonly logRecords?: readonly LogRecord[];
}

interface ResourceLogs extends Schema {
  readonly resource?: Resource;
  readonly scopeLogs?: readonly ScopeLogs[];
}

export interface LogsJson {
  readonly resourceLogs?: readonly ResourceLogs[];
}

interface Point {
  readonly attributes?: readonly KeyValue[];
  readonly startTimeUnixNano?: string;
  readonly timeUnixNano?: string;
  readonly exemplars?: readonly Exemplar[];
}

export interface Exemplar {
  readonly timeUnixNano?: string;
  readonly asDouble?: number | string;
  readonly asInt?: string;
  readonly spanId?: string;
  readonly traceId?: string;
  readonly filteredAttributes?: readonly KeyValue[];
}

export interface NumberPoint extends Point {
  readonly asDouble?: number | string;
  readonly asInt?: string;
}

export interface HistogramPoint extends Point {
  readonly count?: string;
  readonly sum?: number | string;
  readonly min?: number | string;
  readonly max?: number | string;
  readonly bucketCounts?: readonly string[];
  readonly explicitBounds?: readonly (number | string)[];
}

interface Buckets {
  readonly offset?: number;
  readonly bucketCounts?: readonly string[];
}

export interface ExponentialPoint extends Point {
  readonly count?: string;
  readonly sum?: number | string;
  readonly min?: number | string;
  readonly max?: number | string;
  readonly scale?: number;
  readonly zeroCount?: string;
  readonly positive?: Buckets;
  readonly negative?: Buckets;
}

export interface SummaryPoint extends Point {
  readonly count?: string;
  readonly sum?: number | string;
  readonly quantileValues?: readonly { readonly quantile?: number; readonly value?: number | string }[];
}

interface Points<P> {
  readonly dataPoints?: readonly P[];
  readonly aggregationTemporality?: number;
  readonly isMonotonic?: boolean;
}

export interface Metric {
  readonly name?: string;
  readonly description?: string;
  readonly unit?: string;
  readonly gauge?: Points<NumberPoint>;
  readonly sum?: Points<NumberPoint>;
  readonly histogram?: Points<HistogramPoint>;
  readonly exponentialHistogram?: Points<ExponentialPoint>;
  readonly summary?: Points<SummaryPoint>;
}

interface ScopeMetrics extends Schema {
  readonly scope?: Scope;
  readonly metrics?: readonly Metric[];
}

interface ResourceMetrics extends Schema {
  readonly resource?: Resource;
  readonly scopeMetrics?: readonly ScopeMetrics[];
}

export interface MetricsJson {
  readonly resourceMetrics?: readonly ResourceMetrics[];
}
