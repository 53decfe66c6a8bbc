/**
 * The types of `@opentelemetry/sdk-trace-base` 2.x and `@opentelemetry/sdk-trace` 3.x that spans cross between an
 * SDK and a pipeline with, written down so that neither has to be installed. What fits the SDK's types fits these.
 */

/** Seconds and nanoseconds. */
export type HrTime = [seconds: number, nanoseconds: number];

/** `tracestate` of W3C Trace Context; never changes, `set` and `unset` make another. */
export interface TraceState {
  set(key: string, value: string): TraceState;
  unset(key: string): TraceState;
  get(key: string): string | undefined;
  serialize(): string;
}

/** Names a span. */
export interface SpanContext {
  /** 32 lower-case hex digits. */
  traceId: string;
  /** 16 lower-case hex digits. */
  spanId: string;
  isRemote?: boolean;
  /** The trace flags of W3C Trace Context; bit 0: sampled. */
  traceFlags: number;
  traceState?: TraceState;
}

/** An attribute's value as the API of 1.9 has it. */
export type SpanAttributeValue =
  | string
  | number
  | boolean
  | (string | null | undefined)[]
  | (number | null | undefined)[]
  | (boolean | null | undefined)[];

export interface SpanAttributes {
  [key: string]: SpanAttributeValue | undefined;
}

/** A span of an SDK, as `fromReadableSpans` and the exporter of `inProcessReceiver` read it. */
export interface SdkSpan {
  readonly name: string;
  /** 0 internal, 1 server, 2 client, 3 producer, 4 consumer. */
  readonly kind: number;
  readonly spanContext: () => Readonly<Omit<SpanContext, 'traceState'>> & {
    readonly traceState?: Pick<TraceState, 'serialize'>;
  };
  readonly parentSpanContext?: { readonly spanId: string; readonly isRemote?: boolean };
  readonly startTime: Readonly<HrTime>;
  readonly endTime: Readonly<HrTime>;
  /** `code`: 0 unset, 1 ok, 2 error. */
  readonly status: { readonly code: number; readonly message?: string };
  /** Integers become `int64`, other numbers doubles, byte arrays bytes, objects maps, null the empty value. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly {
    readonly context: ReturnType<SdkSpan['spanContext']>;
    readonly attributes?: Readonly<Record<string, unknown>>;
    readonly droppedAttributesCount?: number;
  }[];
  readonly events: readonly {
    readonly time: Readonly<HrTime>;
    readonly name: string;
    readonly attributes?: Readonly<Record<string, unknown>>;
    readonly droppedAttributesCount?: number;
  }[];
  readonly resource: SdkResource;
  readonly instrumentationScope: SdkScope;
  readonly droppedAttributesCount: number;
  readonly droppedEventsCount: number;
  readonly droppedLinksCount: number;
}

export interface SdkResource {
  /** Complete once `asyncAttributesPending` is not true. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly asyncAttributesPending?: boolean;
  waitForAsyncAttributes?(): Promise<void>;
  readonly schemaUrl?: string;
}

export interface SdkScope {
  readonly name: string;
  readonly version?: string;
  readonly schemaUrl?: string;
  /** SDKs leave them out of their types and export them. */
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly droppedAttributesCount?: number;
}

/** A `Resource` of `@opentelemetry/resources`, all attributes known. */
export interface SpanResource {
  readonly asyncAttributesPending?: boolean;
  readonly attributes: SpanAttributes;
  readonly schemaUrl?: string;
  waitForAsyncAttributes?(): Promise<void>;
  /** The attributes of both; of an attribute that both have the other's. */
  merge(other: SpanResource | null): SpanResource;
  getRawAttributes(): [string, SpanAttributeValue | undefined | Promise<SpanAttributeValue | undefined>][];
}

/** A span that `toReadableSpans` and the exporter of `sdkExporter` hand out: fits `ReadableSpan` of 2.x and 3.x. */
export interface ReadableSpan {
  readonly name: string;
  readonly kind: 0 | 1 | 2 | 3 | 4;
  readonly spanContext: () => SpanContext;
  readonly parentSpanContext?: SpanContext;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly status: { code: 0 | 1 | 2; message?: string };
  readonly attributes: SpanAttributes;
  readonly links: { context: SpanContext; attributes?: SpanAttributes; droppedAttributesCount?: number }[];
  readonly events: {
    time: HrTime;
    name: string;
    attributes?: SpanAttributes;
    droppedAttributesCount?: number;
  }[];
  readonly duration: HrTime;
  readonly ended: boolean;
  readonly resource: SpanResource;
  readonly instrumentationScope: SdkScope;
  readonly droppedAttributesCount: number;
  readonly droppedEventsCount: number;
  readonly droppedLinksCount: number;
}
